const kept = [];
for (;;) kept.push(Array.from({ length: 1e5 }, (_, index) => ({ index })));
