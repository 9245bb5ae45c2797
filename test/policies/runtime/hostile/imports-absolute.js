/* oxlint-disable import/no-absolute-path */
import '/etc/passwd';
