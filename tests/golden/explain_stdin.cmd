explain - < reply.txt
explain --json - < reply.txt
