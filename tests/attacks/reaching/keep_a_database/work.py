import sqlite3
def go(folder, **p):
    sqlite3.connect(folder + "/new.db").execute("create table t (x)")
