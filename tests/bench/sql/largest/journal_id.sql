select j.id from journal j where j.key = 'crowd:3'
