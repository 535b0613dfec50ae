/*
 * A power cut for one process, as a preload library. For the folder CUT_ROOT it keeps apart what would survive one:
 * CUT_KEPT/names holds every file with its bytes as of its last sync, under the names of its folder's last sync. Before
 * operation CUT_AFTER + 1 (a write, a truncation, a rename, a removal or a sync) whose path matches CUT_MATCH, the process
 * is killed. With CUT_TEAR, a seed, some of what was not synced survives too, page by page and folder by folder,
 * as it may on a real disk. A sync costs a copy of what was written since the last one, and no disk.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FD 65536
#define MAX_FILES 65536
#define MAX_RANGES 256
#define PAGE 4096
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

struct range {
  off_t from, to;
};

struct file {
  ino_t ino;
  int has_name; /* once its last name is gone, another file may get its number */
  int is_folder;
  int count;
  struct range dirty[MAX_RANGES];
  char path[];
};

static char root[PATH_MAX], names[PATH_MAX], bytes[PATH_MAX];
static const char *match = "";
static long cut_after = -1, seen = 0;
static uint64_t tear = 0;
static int active = 0;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file *files[MAX_FILES];
static int file_count = 0;
static int file_of[MAX_FD]; /* the file's number + 1; 0 for none yet */

static void join(char *into, const char *folder, const char *name) {
  if (snprintf(into, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX) abort();
}

static void die(const char *what) {
  perror(what);
  abort();
}

static unsigned next_random(void) {
  tear = tear * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(tear >> 33);
}

static int is_below_root(const char *path) {
  size_t n = strlen(root);
  return strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == 0);
}

/* SQLite's index of its log is shared memory: it is made anew after a crash. */
static int is_shared_memory(const char *path) {
  size_t n = strlen(path);
  return n > 4 && strcmp(path + n - 4, "-shm") == 0;
}

static int number_of(ino_t ino, int is_folder, const char *path) {
  for (int i = file_count - 1; i >= 0; i--) {
    if (files[i]->ino == ino && files[i]->has_name) return i;
  }
  if (file_count == MAX_FILES) die("too many files");
  struct file *file = calloc(1, sizeof *file + strlen(path) + 1);
  if (!file) die("calloc");
  file->ino = ino;
  file->has_name = 1;
  file->is_folder = is_folder;
  strcpy(file->path, path);
  files[file_count] = file;
  return file_count++;
}

/* Looked at each time, for a descriptor may be closed without this library being asked. */
static struct file *ours(int fd, int *number) {
  struct stat st;
  if (!active || fd < 0 || fd >= MAX_FD || fstat(fd, &st) != 0) return NULL;
  if (!(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) || st.st_nlink == 0) return NULL;
  int known = file_of[fd] - 1;
  if (known < 0 || files[known]->ino != st.st_ino || !files[known]->has_name) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return NULL;
    path[n] = 0;
    if (!is_below_root(path) || is_shared_memory(path)) return NULL;
    known = number_of(st.st_ino, S_ISDIR(st.st_mode), path);
    file_of[fd] = known + 1;
  }
  *number = known;
  return files[known];
}

static void dirty(struct file *file, off_t from, off_t to) {
  if (to <= from) return;
  struct range *last = file->count > 0 ? &file->dirty[file->count - 1] : NULL;
  if (last && from >= last->from && from <= last->to) {
    if (to > last->to) last->to = to;
    return;
  }
  if (file->count == MAX_RANGES) {
    for (int i = 1; i < MAX_RANGES; i++) {
      if (file->dirty[i].from < file->dirty[0].from) file->dirty[0].from = file->dirty[i].from;
      if (file->dirty[i].to > file->dirty[0].to) file->dirty[0].to = file->dirty[i].to;
    }
    file->count = 1;
    dirty(file, from, to);
    return;
  }
  file->dirty[file->count++] = (struct range){from, to};
}

static void kept_bytes(int number, char *into) {
  char name[16];
  snprintf(name, sizeof name, "%d", number);
  join(into, bytes, name);
}

static void copy(int from, int to, off_t at, off_t end) {
  static char buffer[1 << 16];
  while (at < end) {
    size_t want = end - at < (off_t)sizeof buffer ? (size_t)(end - at) : sizeof buffer;
    ssize_t n = pread(from, buffer, want, at);
    if (n <= 0) return;
    if (REAL(pwrite)(to, buffer, n, at) != n) die("pwrite to what is kept");
    at += n;
  }
}

static int open_kept(int number) {
  char path[PATH_MAX];
  kept_bytes(number, path);
  int fd = REAL(open)(path, O_RDWR | O_CREAT, 0600);
  if (fd < 0) die(path);
  return fd;
}

/* The descriptor may be for writing alone. */
static void keep_bytes(int number, int fd) {
  struct file *file = files[number];
  struct stat st;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int from = REAL(open)(link, O_RDONLY);
  if (from < 0 || fstat(from, &st) != 0) die("reading what is to be kept");
  int to = open_kept(number);
  for (int i = 0; i < file->count; i++) copy(from, to, file->dirty[i].from, file->dirty[i].to);
  if (REAL(ftruncate)(to, st.st_size) != 0) die("ftruncate of what is kept");
  file->count = 0;
  REAL(close)(to);
  REAL(close)(from);
}

static void keep_name(const char *path, const char *kept) {
  struct stat st;
  if (lstat(path, &st) != 0 || is_shared_memory(path)) return;
  if (S_ISDIR(st.st_mode)) {
    REAL(mkdir)(kept, 0700);
    return;
  }
  if (!S_ISREG(st.st_mode)) return;
  int number = number_of(st.st_ino, 0, path);
  char there[PATH_MAX];
  struct stat a, b;
  REAL(close)(open_kept(number));
  kept_bytes(number, there);
  if (stat(there, &a) == 0 && stat(kept, &b) == 0 && a.st_ino == b.st_ino) return;
  REAL(unlink)(kept);
  if (link(there, kept) != 0) die(kept);
}

static void remove_tree(const char *path) {
  DIR *folder = opendir(path);
  if (!folder) {
    REAL(unlink)(path);
    return;
  }
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    char below[PATH_MAX];
    join(below, path, entry->d_name);
    remove_tree(below);
  }
  closedir(folder);
  REAL(rmdir)(path);
}

/* The folder's names, as they are now; a folder that was not kept itself has nothing to be kept in. */
static void keep_names(const char *path) {
  char kept[PATH_MAX], from[PATH_MAX], to[PATH_MAX];
  struct stat st;
  if (path[strlen(root)] == 0) strcpy(kept, names);
  else join(kept, names, path + strlen(root) + 1);
  if (stat(kept, &st) != 0) return;
  DIR *folder = opendir(kept);
  if (folder) {
    for (struct dirent *entry; (entry = readdir(folder));) {
      if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
      join(from, path, entry->d_name);
      join(to, kept, entry->d_name);
      if (lstat(from, &st) != 0) remove_tree(to);
    }
    closedir(folder);
  }
  folder = opendir(path);
  if (!folder) return;
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    join(from, path, entry->d_name);
    join(to, kept, entry->d_name);
    keep_name(from, to);
  }
  closedir(folder);
}

/* What a disk may have written although nobody asked it to yet. */
static void keep_some(void) {
  for (int i = 0; i < file_count; i++) {
    struct file *file = files[i];
    if (file->is_folder) {
      if (next_random() % 4 == 0) keep_names(file->path);
      continue;
    }
    int from = file->count > 0 ? REAL(open)(file->path, O_RDONLY) : -1;
    if (from < 0) continue;
    int to = open_kept(i);
    for (int r = 0; r < file->count; r++) {
      for (off_t at = file->dirty[r].from; at < file->dirty[r].to; at = (at / PAGE + 1) * PAGE) {
        off_t end = (at / PAGE + 1) * PAGE;
        if (next_random() % 2) copy(from, to, at, end < file->dirty[r].to ? end : file->dirty[r].to);
      }
    }
    REAL(close)(to);
    REAL(close)(from);
  }
}

/* As `grep` with a fixed string: at the end of the path alone where CUT_MATCH ends in a dollar sign. */
static int is_meant(const char *path) {
  size_t n = strlen(match), all = strlen(path);
  if (n == 0 || match[n - 1] != '$') return strstr(path, match) != NULL;
  return all >= n - 1 && strncmp(path + all - (n - 1), match, n - 1) == 0;
}

static void operation(const char *path) {
  if (cut_after < 0 || !is_meant(path) || seen++ < cut_after) return;
  active = 0;
  if (tear) keep_some();
  fprintf(stderr, "power cut at %s\n", path);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* The file of that name loses it: its number may be given to another. */
static void loses_name(int at, const char *path) {
  struct stat st;
  if (fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1) return;
  for (int i = 0; i < file_count; i++) {
    if (files[i]->ino == st.st_ino) files[i]->has_name = 0;
  }
}

static void walk(const char *path, const char *kept) {
  DIR *folder = opendir(path);
  if (!folder) die(path);
  REAL(mkdir)(kept, 0700);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    char from[PATH_MAX], to[PATH_MAX];
    struct stat st;
    join(from, path, entry->d_name);
    join(to, kept, entry->d_name);
    if (lstat(from, &st) != 0) continue;
    if (S_ISDIR(st.st_mode)) {
      walk(from, to);
      continue;
    }
    if (!S_ISREG(st.st_mode) || is_shared_memory(from)) continue;
    int number = number_of(st.st_ino, 0, from);
    dirty(files[number], 0, st.st_size);
    int fd = REAL(open)(from, O_RDONLY);
    if (fd < 0) die(from);
    keep_bytes(number, fd);
    REAL(close)(fd);
    keep_name(from, to);
  }
  closedir(folder);
}

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("CUT_ROOT"), *kept = getenv("CUT_KEPT");
  if (!folder || !kept || !realpath(folder, root)) return;
  join(names, kept, "names");
  join(bytes, kept, "bytes");
  REAL(mkdir)(kept, 0700);
  REAL(mkdir)(bytes, 0700);
  walk(root, names);
  if (getenv("CUT_MATCH")) match = getenv("CUT_MATCH");
  if (getenv("CUT_AFTER")) cut_after = atol(getenv("CUT_AFTER"));
  if (getenv("CUT_TEAR")) tear = strtoull(getenv("CUT_TEAR"), NULL, 10);
  active = 1;
}

/* An operation on an open file: `before` runs in advance, `real` is the call, `after` runs when it succeeded. */
#define ON_FILE(type, fd, before, real, after)                \
  int number;                                                 \
  pthread_mutex_lock(&lock);                                  \
  struct file *file = ours(fd, &number);                      \
  if (!file) {                                                \
    pthread_mutex_unlock(&lock);                              \
    return real;                                              \
  }                                                           \
  operation(file->path);                                      \
  before;                                                     \
  type result = real;                                         \
  if (result >= 0) {                                          \
    after;                                                    \
  }                                                           \
  int error = errno;                                          \
  pthread_mutex_unlock(&lock);                                \
  errno = error;                                              \
  return result;

static off_t position(int fd) {
  struct stat st;
  if ((fcntl(fd, F_GETFL) & O_APPEND) && fstat(fd, &st) == 0) return st.st_size;
  return lseek(fd, 0, SEEK_CUR);
}

static off_t size_of(int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 ? st.st_size : 0;
}

ssize_t write(int fd, const void *data, size_t length) {
  ON_FILE(ssize_t, fd, off_t at = position(fd), REAL(write)(fd, data, length), dirty(file, at, at + result))
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  ON_FILE(ssize_t, fd, off_t at = position(fd), REAL(writev)(fd, parts, count), dirty(file, at, at + result))
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) {
  ON_FILE(ssize_t, fd, , REAL(pwrite)(fd, data, length, at), dirty(file, at, at + result))
}
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return pwrite(fd, data, length, at); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  ON_FILE(ssize_t, fd, , REAL(pwritev)(fd, parts, count, at), dirty(file, at, at + result))
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return pwritev(fd, parts, count, at); }
ssize_t copy_file_range(int from, off64_t *from_at, int fd, off64_t *at, size_t length, unsigned flags) {
  ON_FILE(ssize_t, fd, , REAL(copy_file_range)(from, from_at, fd, at, length, flags), dirty(file, 0, size_of(fd)))
}
ssize_t sendfile(int fd, int from, off_t *at, size_t length) {
  typedef ssize_t (*send)(int, int, off_t *, size_t);
  ON_FILE(ssize_t, fd, , ((send)dlsym(RTLD_NEXT, "sendfile"))(fd, from, at, length), dirty(file, 0, size_of(fd)))
}
ssize_t sendfile64(int fd, int from, off_t *at, size_t length) { return sendfile(fd, from, at, length); }
int ftruncate(int fd, off_t length) {
  ON_FILE(int, fd, off_t before = size_of(fd), REAL(ftruncate)(fd, length), dirty(file, length, before))
}
int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

static int keep(int fd, int (*real)(int)) {
  ON_FILE(int, fd, , (file ? 0 : real(fd)), file->is_folder ? keep_names(file->path) : keep_bytes(number, fd))
}
int fsync(int fd) { return keep(fd, REAL(fsync)); }
int fdatasync(int fd) { return keep(fd, REAL(fdatasync)); }

/* An operation on a name, which another file may have had. */
#define ON_NAME(path, gone_at, gone, real)                    \
  pthread_mutex_lock(&lock);                                  \
  if (active && is_below_root(path)) {                        \
    operation(path);                                          \
    loses_name(gone_at, gone);                                \
  }                                                           \
  int result = real;                                          \
  int error = errno;                                          \
  pthread_mutex_unlock(&lock);                                \
  errno = error;                                              \
  return result;

int rename(const char *from, const char *to) {
  pthread_mutex_lock(&lock);
  struct stat st;
  if (active && is_below_root(to)) {
    operation(to);
    loses_name(AT_FDCWD, to);
    /* What is not synced yet is looked for under its present name. */
    if (lstat(from, &st) == 0 && S_ISREG(st.st_mode)) {
      int number = number_of(st.st_ino, 0, from);
      struct file *moved = realloc(files[number], sizeof *moved + strlen(to) + 1);
      if (!moved) die("realloc");
      strcpy(moved->path, to);
      files[number] = moved;
    }
  }
  int result = REAL(rename)(from, to);
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}
int unlink(const char *path) { ON_NAME(path, AT_FDCWD, path, REAL(unlink)(path)) }
int unlinkat(int at, const char *path, int flags) { ON_NAME(path, at, path, REAL(unlinkat)(at, path, flags)) }
int rmdir(const char *path) { ON_NAME(path, AT_FDCWD, path, REAL(rmdir)(path)) }
