/* Files that commands write: new ones, all or none, or in the place of what was read. */
#include "cmd/write.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <string.h>

void complain_file(const char *name, int err)
{
	if (err == -EEXIST)
		complain("%s is there already; --force replaces it", name);
	else if (err == -ELOOP || err == -EINVAL)
		complain("%s is %s; it is left as it is", name, err == -ELOOP ? "a symbolic link" : "no regular file");
	else
		complain("cannot write %s: %s", name, strerror(-err));
}

static int status(const char *name, int err)
{
	if (err != 0)
		complain_file(name, err);
	return err == 0 ? STATUS_OK : STATUS_WORLD;
}

int write_add(struct files *f, const char *name, const struct buf *text)
{
	return status(name, files_add(f, name, text->bytes, text->len));
}

int write_settle(struct files *f)
{
	const char *name = NULL;
	int err = files_settle(f, &name);

	return status(name, err);
}

int write_place(struct files *f, bool replace)
{
	const char *name = NULL;
	int err = files_place(f, replace, &name);

	return status(name, err);
}

int write_new(const char *name, const struct buf *text, bool replace)
{
	struct files files = { 0 };
	int worst = write_add(&files, name, text);

	if (worst == STATUS_OK)
		worst = write_place(&files, replace);
	files_free(&files);
	return worst;
}

static const char *why_kept(int err)
{
	switch (err) {
	case -EBUSY: return "it has changed meanwhile";
	case -ELOOP: return "it is a symbolic link";
	case -EMLINK: return "it has more than one name";
	case -EPERM: return "it belongs to somebody else, or may not be changed";
	case -EINVAL: return "it is no file";
	default: return strerror(-err);
	}
}

int write_over(const struct source *was, const struct buf *text)
{
	bool std = strcmp(was->name, "-") == 0;
	int err = std ? -EINVAL : files_replace(was->name, was->text, was->len, text->bytes, text->len);

	if (err != 0)
		complain("%s stays as it is: %s", std ? "standard input" : was->name, why_kept(err));
	return err == 0 ? STATUS_OK : STATUS_WORLD;
}
