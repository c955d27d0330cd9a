#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A layer may fill so much of the sled's memory. */
#define LAYER_OPTIONS "mode=0755,size=25%"

static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
/* What is the sled's own: its daemons' configuration and keys, their sockets, its disk. */
static const char *const hidden[] = {"etc/kestrel", "opt/kestrel", "data", "var/log/kestrel"};

static const char *make_devices(void) {
  if (mount("dev", "dev", "tmpfs", MS_NOSUID, "mode=0755,size=64k") < 0) return "mount /dev";
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i += 1) {
    char from[32], to[32];
    snprintf(from, sizeof from, "/dev/%s", devices[i]);
    snprintf(to, sizeof to, "dev/%s", devices[i]);
    int fd = open(to, O_CREAT | O_CLOEXEC | O_WRONLY, 0666);
    if (fd < 0) return "make a device";
    close(fd);
    if (mount(from, to, NULL, MS_BIND, NULL) < 0) return "mount a device";
  }
  if (mkdir("dev/pts", 0755) < 0 || mkdir("dev/shm", 01777) < 0) return "make /dev/pts";
  if (mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,mode=0620,ptmxmode=0666") < 0)
    return "mount /dev/pts";
  if (mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "size=16m") < 0) return "mount /dev/shm";
  if (symlink("pts/ptmx", "dev/ptmx") < 0 || symlink("/proc/self/fd", "dev/fd") < 0 ||
      symlink("fd/0", "dev/stdin") < 0 || symlink("fd/1", "dev/stdout") < 0 || symlink("fd/2", "dev/stderr") < 0)
    return "make links in /dev";
  return NULL;
}

static const char *hide(const char *directory) {
  if (access(directory, F_OK) < 0) return NULL;
  return mount("none", directory, "tmpfs", MS_RDONLY, "size=4k,mode=0555") < 0 ? "hide a directory of the sled" : NULL;
}

const char *make_root(const char *directory) {
  if (unshare(CLONE_NEWNS) < 0) return "have a mount namespace";
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return "keep mounts private";
  if (mount("layer", directory, "tmpfs", MS_NOSUID, LAYER_OPTIONS) < 0) return "mount a layer";
  if (chdir(directory) < 0) return "enter the layer";
  if (mkdir("upper", 0755) < 0 || mkdir("work", 0755) < 0 || mkdir("root", 0755) < 0) return "make the layer";
  if (mount("root", "root", "overlay", 0, "lowerdir=/,upperdir=upper,workdir=work") < 0) return "mount the overlay";
  if (chdir("root") < 0) return "enter the root";
  if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) return "mount /proc";
  if (mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL) < 0) return "mount /sys";
  if (mount("run", "run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m") < 0) return "mount /run";
  if (mount("tmp", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=25%") < 0) return "mount /tmp";
  const char *failed = make_devices();
  for (size_t i = 0; failed == NULL && i < sizeof hidden / sizeof *hidden; i += 1) failed = hide(hidden[i]);
  if (failed != NULL) return failed;
  /* The old root lies over the new one for a moment (pivot_root(2), "pivot_root(".", ".")"). */
  if (syscall(SYS_pivot_root, ".", ".") < 0) return "change the root";
  if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0) return "leave the old root";
  return NULL;
}
