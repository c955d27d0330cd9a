#pragma once
/*
 * Have a root of one's own, in a mount namespace of one's own: the sled's with a writable layer over it, which is gone with the
 * namespace. `directory` is an empty one to mount at. NULL, or what could not be done, with errno.
 */
const char *make_root(const char *directory);
