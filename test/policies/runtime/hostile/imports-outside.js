import '../../../../../../etc/passwd';
