import '../../../../src/policies/contract.ts';
