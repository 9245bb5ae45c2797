import 'file:///proc/self/environ';
