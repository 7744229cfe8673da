select 'users', count(*) from users union all select 'songs', count(*) from songs
union all select 'artists', count(*) from artists union all select 'time', count(*) from time
union all select 'songplays', count(*) from songplays order by 1
