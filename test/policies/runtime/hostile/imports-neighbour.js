import './throws-error.js';
