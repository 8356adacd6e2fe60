/* An emulated V4L2 camera, for tests: preloaded into the process that captures.
 *
 *     cc -shared -fPIC -O1 -o libvcam.so vcam.c && VCAM_DIR=/tmp/x LD_PRELOAD=./libvcam.so program
 *
 * Every file VCAM_DIR/video* is a camera, and what is in the file says how it behaves, looked up anew at every call:
 * words such as `mode=stall quirks=adjust,ntsc`. Removing the file unplugs the camera. The words:
 *
 *   kind=      camera | meta (a node for metadata) | helper (part of an image pipeline)
 *   mode=      play | stall | empty | cut | flagged | stale | repeat | eio | busy | busystart
 *              empty: no bytes. cut: half of the picture. flagged: marked as damaged. stale: the buffer is left as it
 *              was. repeat: the same picture, number and time again. eio: one error, then play.
 *   picture=   the file whose bytes are delivered
 *   formats=   four characters each: YUYV,MJPG,GREY,NV12,YU12
 *   sizes=     1280x720,640x480
 *   fps=       30
 *   quirks=    noparm nointervals nosizes stepwise ntsc h264 adjust padded slowraw nostop
 *
 * A camera's descriptor is a memory file that holds its buffers, so mapping, closing and the rest work by themselves;
 * only open, close, poll and ioctl are ours. Of ioctl the system call too, which the `v4l` crate uses directly. A
 * thread fills the buffers when their time has come, whether or not anybody waits, as a driver does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CAMERAS 16
#define BUFFERS 8
#define TEXT 2048

struct camera {
    int fd; /* 0 when free: a process has its own use for descriptor 0 */
    char path[TEXT];
    uint32_t width, height, fourcc;
    unsigned fps, sequence, count, waiting[BUFFERS], waiting_count, filled_count;
    struct v4l2_buffer filled[BUFFERS];
    int streaming;
    int64_t due; /* the next picture, in ns of the monotonic clock */
    struct timeval stamp;
};
static struct camera cameras[CAMERAS];
static ino_t eio_given; /* the script whose one error was given */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct script {
    char text[TEXT];
    ino_t inode;
};

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int plain_open(const char *path, int flags) {
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0);
}

/* Reads the script; 0 when the camera is unplugged. */
static int look_up(const char *path, struct script *script) {
    int fd = plain_open(path, O_RDONLY);
    if (fd < 0) return 0;
    struct stat about;
    fstat(fd, &about);
    ssize_t length = read(fd, script->text + 1, TEXT - 2);
    syscall(SYS_close, fd);
    script->text[0] = ' ';
    script->text[length > 0 ? length + 1 : 1] = 0;
    script->inode = about.st_ino;
    return 1;
}

/* The value of a word, or what it is when it is not there. */
static const char *word(const struct script *script, const char *key, const char *otherwise, char *value) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, " %s=", key);
    const char *at = strstr(script->text, wanted);
    if (!at) return strcpy(value, otherwise);
    at += strlen(wanted);
    size_t length = strcspn(at, " \n");
    memcpy(value, at, length);
    value[length] = 0;
    return value;
}

static int is(const struct script *script, const char *key, const char *otherwise, const char *wanted) {
    char value[TEXT];
    return !strcmp(word(script, key, otherwise, value), wanted);
}

/* Whether a list contains an item. */
static int has(const struct script *script, const char *key, const char *wanted) {
    char value[TEXT], *rest = NULL;
    word(script, key, "", value);
    for (char *item = strtok_r(value, ",", &rest); item; item = strtok_r(NULL, ",", &rest))
        if (!strcmp(item, wanted)) return 1;
    return 0;
}

static uint32_t nth_format(const struct script *script, unsigned index) {
    char value[TEXT];
    word(script, "formats", "YUYV,MJPG", value);
    const char *at = value + index * 5;
    return strlen(value) >= index * 5 + 4 ? v4l2_fourcc(at[0], at[1], at[2], at[3]) : 0;
}

static int nth_size(const struct script *script, unsigned index, uint32_t *width, uint32_t *height) {
    char value[TEXT], *at = value;
    word(script, "sizes", "1280x720,640x480", value);
    for (; index && at; index--) at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL;
    return at && sscanf(at, "%ux%u", width, height) == 2;
}

static unsigned fps_of(const struct script *script, uint32_t fourcc, uint32_t width) {
    char value[TEXT];
    /* A raw picture of full size does not go through USB 2 more often. */
    if (has(script, "quirks", "slowraw") && fourcc == V4L2_PIX_FMT_YUYV && width >= 1280) return 10;
    return (unsigned)atoi(word(script, "fps", "30", value));
}

static struct v4l2_fract interval_of(const struct script *script, unsigned fps) {
    if (has(script, "quirks", "ntsc")) return (struct v4l2_fract){1001, fps * 1000};
    return (struct v4l2_fract){1, fps};
}

static uint32_t stride_of(const struct script *script, const struct camera *c) {
    uint32_t padding = has(script, "quirks", "padded") ? 64 : 0;
    if (c->fourcc == V4L2_PIX_FMT_YUYV) return c->width * 2 + padding;
    return c->fourcc == V4L2_PIX_FMT_MJPEG || c->fourcc == V4L2_PIX_FMT_H264 ? 0 : c->width + padding;
}

static uint32_t bytes_of(const struct script *script, const struct camera *c) {
    uint32_t luma = stride_of(script, c) * c->height;
    if (!luma) return c->width * c->height * 2; /* the most that a compressed picture may have */
    return c->fourcc == V4L2_PIX_FMT_NV12 || c->fourcc == V4L2_PIX_FMT_YUV420 ? luma * 3 / 2 : luma;
}

static uint32_t room_of(const struct script *script, const struct camera *c) {
    return (bytes_of(script, c) + 4095) & ~4095u;
}

static int fail(int error) {
    errno = error;
    return -1;
}

static struct camera *camera_of(int fd) {
    for (int i = 0; fd > 0 && i < CAMERAS; i++)
        if (cameras[i].fd == fd) return &cameras[i];
    return NULL;
}

static int open_camera(const char *path) {
    struct script script;
    if (!look_up(path, &script)) return -1;
    int fd = memfd_create("camera", MFD_CLOEXEC);
    pthread_mutex_lock(&lock);
    struct camera *c = NULL;
    for (int i = 0; i < CAMERAS && !c; i++)
        if (!cameras[i].fd) c = &cameras[i];
    if (c) {
        memset(c, 0, sizeof *c);
        c->fd = fd;
        snprintf(c->path, sizeof c->path, "%s", path);
        nth_size(&script, 0, &c->width, &c->height);
        c->fourcc = has(&script, "quirks", "h264") ? V4L2_PIX_FMT_H264 : nth_format(&script, 0);
        c->fps = fps_of(&script, c->fourcc, c->width);
    }
    pthread_mutex_unlock(&lock);
    return c ? fd : fail(ENFILE);
}

static int describe(const struct script *script, struct v4l2_capability *caps) {
    memset(caps, 0, sizeof *caps);
    int helper = is(script, "kind", "camera", "helper"), meta = is(script, "kind", "camera", "meta");
    strcpy((char *)caps->driver, helper ? "bcm2835-isp" : "uvcvideo");
    /* A name that is not UTF-8, as some have. */
    strcpy((char *)caps->card, "Emulated \xE9 camera");
    strcpy((char *)caps->bus_info, "usb-emulated-1");
    caps->device_caps = V4L2_CAP_STREAMING | (meta ? V4L2_CAP_META_CAPTURE : V4L2_CAP_VIDEO_CAPTURE);
    caps->capabilities = caps->device_caps | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int offer_format(const struct script *script, struct v4l2_fmtdesc *desc) {
    uint32_t fourcc = desc->type == V4L2_BUF_TYPE_VIDEO_CAPTURE ? nth_format(script, desc->index) : 0;
    if (!fourcc) return fail(EINVAL);
    desc->pixelformat = fourcc;
    strcpy((char *)desc->description, "\xFF not UTF-8");
    return 0;
}

static int offer_size(const struct script *script, struct v4l2_frmsizeenum *size) {
    if (has(script, "quirks", "nosizes")) return fail(ENOTTY);
    if (has(script, "quirks", "stepwise")) {
        size->type = V4L2_FRMSIZE_TYPE_STEPWISE;
        size->stepwise = (struct v4l2_frmsize_stepwise){160, 1920, 16, 120, 1080, 8};
        return size->index ? fail(EINVAL) : 0;
    }
    size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    return nth_size(script, size->index, &size->discrete.width, &size->discrete.height) ? 0 : fail(EINVAL);
}

static int offer_interval(const struct script *script, struct v4l2_frmivalenum *interval) {
    if (has(script, "quirks", "nointervals")) return fail(ENOTTY);
    if (interval->index) return fail(EINVAL);
    unsigned fps = fps_of(script, interval->pixel_format, interval->width);
    interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    interval->discrete = interval_of(script, fps);
    return 0;
}

static int set_format(const struct script *script, struct camera *c, struct v4l2_format *format) {
    struct v4l2_pix_format *pix = &format->fmt.pix;
    if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
    if (c->count || is(script, "mode", "play", "busy")) return fail(EBUSY);
    uint32_t width = 0, height = 0, fourcc = nth_format(script, 0);
    for (unsigned i = 0; nth_format(script, i); i++)
        if (nth_format(script, i) == pix->pixelformat) fourcc = pix->pixelformat;
    for (unsigned i = 0; nth_size(script, i, &width, &height); i++)
        if (width <= pix->width && height <= pix->height) break;
    if (has(script, "quirks", "adjust")) width = 640, height = 480;
    c->width = width, c->height = height, c->fourcc = fourcc;
    *pix = (struct v4l2_pix_format){.width = width, .height = height, .pixelformat = fourcc, .field = V4L2_FIELD_NONE,
        .bytesperline = stride_of(script, c), .sizeimage = bytes_of(script, c),
        /* What no header file knows yet. */
        .colorspace = 99, .xfer_func = 99, .quantization = 99};
    return 0;
}

static int set_rate(const struct script *script, struct camera *c, struct v4l2_streamparm *parm) {
    if (has(script, "quirks", "noparm")) return fail(ENOTTY);
    c->fps = fps_of(script, c->fourcc, c->width);
    parm->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    parm->parm.capture.timeperframe = interval_of(script, c->fps);
    return 0;
}

static int request_buffers(const struct script *script, struct camera *c, struct v4l2_requestbuffers *request) {
    if (request->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
    if (c->streaming) return fail(EBUSY);
    c->count = request->count = request->count > BUFFERS ? BUFFERS : request->count;
    c->waiting_count = c->filled_count = 0;
    return ftruncate(c->fd, (off_t)room_of(script, c) * c->count);
}

static void describe_buffer(const struct script *script, const struct camera *c, struct v4l2_buffer *buffer) {
    buffer->length = bytes_of(script, c);
    buffer->m.offset = buffer->index * room_of(script, c);
    buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
}

static int queue(const struct script *script, struct camera *c, struct v4l2_buffer *buffer) {
    if (buffer->index >= c->count || c->waiting_count + c->filled_count >= c->count) return fail(EINVAL);
    for (unsigned i = 0; i < c->waiting_count; i++)
        if (c->waiting[i] == buffer->index) return fail(EINVAL);
    c->waiting[c->waiting_count++] = buffer->index;
    describe_buffer(script, c, buffer);
    return 0;
}

/* Copies the picture into a buffer, as many bytes of it as there is room; how many. */
static uint32_t fill(const struct script *script, struct camera *c, uint32_t offset) {
    char path[TEXT];
    int fd = plain_open(word(script, "picture", "", path), O_RDONLY);
    if (fd < 0) return 0;
    struct stat about;
    fstat(fd, &about);
    uint32_t bytes = about.st_size < bytes_of(script, c) ? (uint32_t)about.st_size : bytes_of(script, c);
    void *from = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (from != MAP_FAILED) {
        if (pwrite(c->fd, from, bytes, offset) != (ssize_t)bytes) bytes = 0;
        munmap(from, bytes);
    }
    syscall(SYS_close, fd);
    return bytes;
}

/* Takes a picture into the buffer that has waited longest. */
static void take_picture(const struct script *script, struct camera *c) {
    struct v4l2_buffer *buffer = &c->filled[c->filled_count++];
    *buffer = (struct v4l2_buffer){.index = c->waiting[0], .type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    buffer->memory = V4L2_MEMORY_MMAP;
    memmove(c->waiting, c->waiting + 1, --c->waiting_count * sizeof c->waiting[0]);
    describe_buffer(script, c, buffer);
    if (is(script, "mode", "play", "empty")) buffer->bytesused = 0;
    else if (is(script, "mode", "play", "stale")) buffer->bytesused = bytes_of(script, c);
    else buffer->bytesused = fill(script, c, buffer->m.offset);
    if (is(script, "mode", "play", "cut")) buffer->bytesused /= 2;
    if (is(script, "mode", "play", "flagged")) buffer->flags |= V4L2_BUF_FLAG_ERROR;
    if (!is(script, "mode", "play", "repeat")) {
        c->sequence++;
        c->stamp = (struct timeval){now_ns() / 1000000000, now_ns() % 1000000000 / 1000};
    }
    buffer->sequence = c->sequence;
    buffer->timestamp = c->stamp;
}

static void *take_pictures(void *unused) {
    for (;; usleep(1000)) {
        pthread_mutex_lock(&lock);
        for (struct camera *c = cameras; c < cameras + CAMERAS; c++) {
            struct script script;
            if (!c->fd || !c->streaming || now_ns() < c->due || !look_up(c->path, &script)) continue;
            c->due += 1000000000LL / c->fps;
            if (c->due < now_ns() - 500000000LL) c->due = now_ns();
            /* Without a buffer the picture is lost, and counted. */
            if (!c->waiting_count) c->sequence++;
            else if (!is(&script, "mode", "play", "stall")) take_picture(&script, c);
        }
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static int start(const struct script *script, struct camera *c) {
    static pthread_t thread;
    if (is(script, "mode", "play", "busystart")) return fail(EBUSY);
    if (!thread && pthread_create(&thread, NULL, take_pictures, NULL)) return fail(ENOMEM);
    c->streaming = 1;
    c->due = now_ns() + 1000000000LL / c->fps;
    return 0;
}

static int stop(const struct script *script, struct camera *c) {
    if (has(script, "quirks", "nostop")) return fail(EIO);
    c->streaming = 0, c->waiting_count = 0, c->filled_count = 0;
    return 0;
}

static int dequeue(const struct script *script, struct camera *c, struct v4l2_buffer *buffer) {
    if (!c->streaming) return fail(EINVAL);
    if (!c->filled_count) return fail(EAGAIN);
    if (is(script, "mode", "play", "eio") && eio_given != script->inode) {
        eio_given = script->inode;
        return fail(EIO);
    }
    *buffer = c->filled[0];
    memmove(c->filled, c->filled + 1, --c->filled_count * sizeof c->filled[0]);
    return 0;
}

static int command(struct camera *c, unsigned request, void *argument) {
    struct script script;
    if (!look_up(c->path, &script)) return fail(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP: return describe(&script, argument);
    case VIDIOC_ENUM_FMT: return offer_format(&script, argument);
    case VIDIOC_ENUM_FRAMESIZES: return offer_size(&script, argument);
    case VIDIOC_ENUM_FRAMEINTERVALS: return offer_interval(&script, argument);
    case VIDIOC_S_FMT: return set_format(&script, c, argument);
    case VIDIOC_S_PARM: return set_rate(&script, c, argument);
    case VIDIOC_REQBUFS: return request_buffers(&script, c, argument);
    case VIDIOC_QUERYBUF: describe_buffer(&script, c, argument); return 0;
    case VIDIOC_QBUF: return queue(&script, c, argument);
    case VIDIOC_DQBUF: return dequeue(&script, c, argument);
    case VIDIOC_STREAMON: return start(&script, c);
    case VIDIOC_STREAMOFF: return stop(&script, c);
    }
    return fail(ENOTTY);
}

static int camera_ioctl(int fd, unsigned long request, void *argument, int *ours) {
    pthread_mutex_lock(&lock);
    struct camera *c = camera_of(fd);
    *ours = c != NULL;
    int result = c ? command(c, (unsigned)request, argument) : 0, error = errno;
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

static int is_camera_path(const char *path) {
    const char *dir = getenv("VCAM_DIR");
    size_t length = dir ? strlen(dir) : 0;
    return length && !strncmp(path, dir, length) && !strncmp(path + length, "/video", 6);
}

#define NEXT(name) __typeof__(name) *next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    /* Whoever opens it to read only wants the script. */
    if (is_camera_path(path) && (flags & O_ACCMODE) == O_RDWR) return open_camera(path);
    NEXT(open);
    return next(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    if (is_camera_path(path) && (flags & O_ACCMODE) == O_RDWR) return open_camera(path);
    NEXT(open64);
    return next(path, flags, mode);
}

int close(int fd) {
    pthread_mutex_lock(&lock);
    struct camera *c = camera_of(fd);
    if (c) c->fd = 0;
    pthread_mutex_unlock(&lock);
    NEXT(close);
    return next(fd);
}

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    int ours, result = camera_ioctl(fd, request, argument, &ours);
    if (ours) return result;
    NEXT(ioctl);
    return next(fd, request, argument);
}

long syscall(long number, ...) {
    va_list rest;
    va_start(rest, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_ioctl) {
        int ours, result = camera_ioctl((int)a[0], (unsigned long)a[1], (void *)a[2], &ours);
        if (ours) return result;
    }
    NEXT(syscall);
    return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int poll(struct pollfd *fds, nfds_t count, int timeout) {
    const int slice_ms = 2;
    int64_t end = now_ns() + timeout * 1000000LL;
    for (int ours = count == 1; ours;) {
        pthread_mutex_lock(&lock);
        struct camera *c = camera_of(fds->fd);
        struct script script;
        ours = c != NULL;
        fds->revents = 0;
        if (c && (!look_up(c->path, &script))) fds->revents = POLLERR | POLLHUP;
        else if (c && !c->streaming) fds->revents = POLLERR;
        else if (c && c->filled_count) fds->revents = POLLIN;
        pthread_mutex_unlock(&lock);
        if (ours && fds->revents) return 1;
        if (ours && timeout >= 0 && now_ns() >= end) return 0;
        if (ours) usleep(slice_ms * 1000);
    }
    NEXT(poll);
    return next(fds, count, timeout);
}
