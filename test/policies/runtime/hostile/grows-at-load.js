const kept = [];
for (;;) kept.push(Array(2 ** 20).fill(0.5));
