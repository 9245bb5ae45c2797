/* oxlint-disable no-extend-native */
Array.prototype.map = () => [];
