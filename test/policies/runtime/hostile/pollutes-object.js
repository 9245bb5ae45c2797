/* oxlint-disable no-extend-native */
Object.prototype.polluted = true;
