export default 'a policy';
