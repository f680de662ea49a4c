# make install, make uninstall.  RC is what starts the daemon: systemd, sysv,
# openrc, freebsd, openbsd or none.
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/milter-reply
RUNDIR ?= /run
RC ?= systemd

INSTALLED_CONF = $(DESTDIR)$(SYSCONFDIR)/milter-reply.conf

# The texts name the folders of Debian's packages; what is installed names the
# folders where it lies.
FILL = sed -e 's|/etc/milter-reply\.conf|@SYSCONFDIR@/milter-reply.conf|g' \
	-e 's|/usr/share/doc/milter-reply|@DOCDIR@|g' \
	-e 's|@SBINDIR@|$(SBINDIR)|g' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' \
	-e 's|@RUNDIR@|$(RUNDIR)|g' -e 's|@DOCDIR@|$(DOCDIR)|g'

# Source, destination, mode.
RC_systemd = systemd/milter-reply.service:$(PREFIX)/lib/systemd/system/milter-reply.service:644 \
	systemd/milter-reply.sysusers:$(PREFIX)/lib/sysusers.d/milter-reply.conf:644 \
	systemd/milter-reply.tmpfiles:$(PREFIX)/lib/tmpfiles.d/milter-reply.conf:644
RC_sysv = sysv/milter-reply:/etc/init.d/milter-reply:755
RC_openrc = openrc/milter-reply:/etc/init.d/milter-reply:755
RC_freebsd = freebsd/milter_reply:$(PREFIX)/etc/rc.d/milter_reply:755
RC_openbsd = openbsd/milter_reply:/etc/rc.d/milter_reply:755
RC_none =

FILLED = $(addprefix rc/,$(RC_$(RC))) \
	milter/milter-reply.8:$(MANDIR)/man8/milter-reply.8:644 \
	milter/milter-reply.conf.5:$(MANDIR)/man5/milter-reply.conf.5:644

# A configuration that is there already is the owner's.
.PHONY: install
install: $(PROGRAM)
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(SYSCONFDIR) $(DESTDIR)$(DOCDIR)
	install -m 755 $(PROGRAM) $(DESTDIR)$(SBINDIR)/milter-reply
	[ -e $(INSTALLED_CONF) ] || \
	    install -m 644 etc/milter-reply.conf $(INSTALLED_CONF)
	install -m 644 etc/milter-reply.conf.full README.md CHANGES LICENSE \
	    $(DESTDIR)$(DOCDIR)
	set -e; for f in $(FILLED); do \
	    from=$${f%%:*}; rest=$${f#*:}; to=$(DESTDIR)$${rest%:*}; \
	    install -d "$${to%/*}"; \
	    $(FILL) "$$from" >"$$to"; chmod "$${f##*:}" "$$to"; \
	done

# Leaves a configuration that was changed.
.PHONY: uninstall
uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/milter-reply
	rm -rf $(DESTDIR)$(DOCDIR)
	! cmp -s etc/milter-reply.conf $(INSTALLED_CONF) || rm $(INSTALLED_CONF)
	for f in $(FILLED); do \
	    rest=$${f#*:}; rm -f "$(DESTDIR)$${rest%:*}"; \
	done
