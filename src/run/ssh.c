/* SPDX-License-Identifier: ISC */
/* Finds the SSH session that this process runs in, from its ancestors and the table of sockets. */
#include "run/ssh.h"

#include "run/proc_sockets.h"
#include "text/source.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ABOVE_MAX = 128, SSH_PORT = 22 };

static const char variable[] = "SSH_CONNECTION=";

static void add_connection(struct ssh *ssh, const char *value)
{
	ssh->connection = memory_grow(ssh->connection, ssh->nconnections, &ssh->capconnections,
	                              sizeof(*ssh->connection));
	ssh->connection[ssh->nconnections++] = memory_string(value);
}

/* Reads SSH_CONNECTION from the environment that the process was started with, which may contain secrets. */
static void read_environment(struct ssh *ssh, long pid)
{
	struct source src = { 0 };
	char name[64];

	snprintf(name, sizeof(name), "/proc/%ld/environ", pid);
	if (source_read(&src, name) == 0)
		for (size_t at = 0; at < src.len; at += strlen(src.text + at) + 1)
			if (strncmp(src.text + at, variable, strlen(variable)) == 0)
				add_connection(ssh, src.text + at + strlen(variable));
	source_free(&src);
}

/* The parent of a process; *is_sshd: the process is an SSH server. OpenSSH 9.8 has two programs. */
static long read_parent(long pid, bool *is_sshd)
{
	static const char *const servers[] = { "(sshd) ", "(sshd-session) ", "(dropbear) " };
	struct source src = { 0 };
	const char *name, *end;
	char file[64];
	long parent = 0;

	*is_sshd = false;
	snprintf(file, sizeof(file), "/proc/%ld/stat", pid);
	if (source_read(&src, file) == 0 && (name = strchr(src.text, '(')) != NULL &&
	    (end = strrchr(src.text, ')')) != NULL && strlen(end) > strlen(") S ")) {
		parent = strtol(end + strlen(") S "), NULL, 10);
		for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
			*is_sshd |= strncmp(name, servers[i], strlen(servers[i])) == 0;
	}
	source_free(&src);
	return parent;
}

static void read_sockets(struct ssh *ssh, long pid)
{
	static const char prefix[] = "socket:[";
	char name[64], target[64];
	const struct dirent *entry;
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%ld/fd", pid);
	dir = opendir(name);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		if (strncmp(target, prefix, strlen(prefix)) != 0)
			continue;
		ssh->inode = memory_grow(ssh->inode, ssh->ninodes, &ssh->capinodes, sizeof(*ssh->inode));
		ssh->inode[ssh->ninodes++] = strtoull(target + strlen(prefix), NULL, 10);
	}
	if (dir != NULL)
		closedir(dir);
}

void ssh_look(struct ssh *ssh)
{
	const char *own = getenv("SSH_CONNECTION");
	long pid = getppid();

	if (own != NULL)
		add_connection(ssh, own);
	for (int i = 0; i < ABOVE_MAX && pid > 1; i++) {
		bool is_sshd;
		long parent = read_parent(pid, &is_sshd);

		read_environment(ssh, pid);
		if (is_sshd)
			read_sockets(ssh, pid);
		ssh->below_sshd |= is_sshd;
		pid = parent;
	}
}

/* A search in the table of sockets. */
struct search {
	const struct ssh *ssh;
	uint16_t *port;        /* that the sshd listens at */
	size_t nports, capports;
	size_t nearest;        /* the nearest of ssh->connection that exists, and its packets */
	struct packet match;
	struct packet *own, *any; /* of the sshd's connections; of all connections to its ports */
	size_t nown, nany, capown, capany;
};

static struct packet packet_of(const struct socket_row *row)
{
	struct packet in;

	memset(&in, 0, sizeof(in));
	in.src = row->remote;
	in.dst = row->local;
	in.sport = row->remote_port;
	in.dport = row->local_port;
	in.upper = IPPROTO_TCP;
	return in;
}

static bool is_own(const struct ssh *ssh, const struct socket_row *row)
{
	for (size_t i = 0; i < ssh->ninodes; i++)
		if (ssh->inode[i] == row->inode)
			return true;
	return false;
}

static void note_port(void *arg, const struct socket_row *row)
{
	struct search *s = arg;

	if (!row->listening || !is_own(s->ssh, row))
		return;
	s->port = memory_grow(s->port, s->nports, &s->capports, sizeof(*s->port));
	s->port[s->nports++] = row->local_port;
}

static bool is_to_port(const struct search *s, uint16_t port)
{
	for (size_t i = 0; i < s->nports; i++)
		if (s->port[i] == port)
			return true;
	return s->nports == 0 && port == SSH_PORT;
}

static void match_connection(struct search *s, const struct packet *in)
{
	struct packet known;

	for (size_t i = 0; i < s->nearest; i++)
		if (packet_read_session(&known, s->ssh->connection[i]) &&
		    addr_equal(&known.src, &in->src) && addr_equal(&known.dst, &in->dst) &&
		    known.sport == in->sport && known.dport == in->dport) {
			s->match = *in;
			s->nearest = i;
		}
}

static void note_connection(void *arg, const struct socket_row *row)
{
	struct search *s = arg;
	struct packet in = packet_of(row);

	if (!row->established)
		return;
	match_connection(s, &in);
	if (is_own(s->ssh, row)) {
		s->own = memory_grow(s->own, s->nown, &s->capown, sizeof(*s->own));
		s->own[s->nown++] = in;
	} else if (s->ssh->below_sshd && is_to_port(s, in.dport)) {
		s->any = memory_grow(s->any, s->nany, &s->capany, sizeof(*s->any));
		s->any[s->nany++] = in;
	}
}

size_t ssh_find_sessions(const struct ssh *ssh, struct packet **in)
{
	struct search s = { .ssh = ssh, .nearest = ssh->nconnections };
	size_t n;

	*in = NULL;
	if (ssh->nconnections == 0 && !ssh->below_sshd)
		return 0;
	if (ssh->ninodes > 0)
		sockets_read("tcp", note_port, &s);
	sockets_read("tcp", note_connection, &s);
	if (s.nearest < ssh->nconnections) {
		*in = memory_resize(NULL, n = 1, sizeof(**in));
		**in = s.match;
		free(s.own);
		free(s.any);
	} else if (s.nown > 0) {
		n = s.nown;
		*in = s.own;
		free(s.any);
	} else {
		n = s.nany;
		*in = s.any;
	}
	free(s.port);
	return n;
}

void ssh_free(struct ssh *ssh)
{
	for (size_t i = 0; i < ssh->nconnections; i++)
		free(ssh->connection[i]);
	free(ssh->connection);
	free(ssh->inode);
	*ssh = (struct ssh){ 0 };
}
