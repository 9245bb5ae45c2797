({}).__proto__.polluted = true;
