-- The protocol as OpenDKIM's miltertest speaks it: a program of others, so that
-- a mistake that our own client shares with the daemon shows.  It gives up on
-- steps that were declined: the end of the header is one, and the policies
-- beside it ask for all others.

mt.set_timeout(10)
conn = mt.connect(socket)
if conn == nil then
	error("mt.connect() failed")
end

function want(what, got, wanted)
	if got ~= wanted then
		error(what .. ": got " .. tostring(got) .. ", wanted " ..
		    tostring(wanted))
	end
end

want("conninfo", mt.conninfo(conn, "mail.example.net", "192.0.2.1"), nil)
want("helo", mt.helo(conn, "mail.example.net"), nil)
mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "ann")
want("mailfrom", mt.mailfrom(conn, "<ann@example.net>"), nil)

want("rcptto gone", mt.rcptto(conn, "<gone@example.com>"), nil)
want("reply to gone", mt.getreply(conn), SMFIR_REPLYCODE)
want("rcptto bob", mt.rcptto(conn, "<bob@example.com>"), nil)
want("reply to bob", mt.getreply(conn), SMFIR_CONTINUE)

want("header", mt.header(conn, "Subject", "report"), nil)
want("header", mt.header(conn, "Content-Type",
    "application/octet-stream; name=a.docm"), nil)
want("bodystring", mt.bodystring(conn, "x\r\n"), nil)
want("eom", mt.eom(conn), nil)
want("reply to the end", mt.getreply(conn), SMFIR_REPLYCODE)

-- The same connection, another message.
want("mailfrom again", mt.mailfrom(conn, "<ann@example.net>"), nil)
want("rcptto bob again", mt.rcptto(conn, "<bob@example.com>"), nil)
want("reply to bob again", mt.getreply(conn), SMFIR_CONTINUE)
want("header again", mt.header(conn, "Subject", "hold"), nil)
want("body again", mt.bodystring(conn, "x\r\n"), nil)
want("eom again", mt.eom(conn), nil)
want("reply to the end again", mt.getreply(conn), SMFIR_CONTINUE)
if not mt.eom_check(conn, MT_QUARANTINE) then
	error("the message is not held")
end
mt.disconnect(conn)
