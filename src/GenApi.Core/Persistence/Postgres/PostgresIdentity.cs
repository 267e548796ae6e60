namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// Recognises a database that was restored from a copy. Its only row was written by a transaction that it names itself: a copy by pg_dump
/// has the row, written by another transaction; a copy inside the server is another database. A copy of the server's files continues on
/// another timeline, and so does a standby that has taken over.
/// </summary>
internal static class PostgresIdentity
{
    public const string Table =
        """
        CREATE TABLE "StoreIdentity" ("Id" integer PRIMARY KEY CHECK ("Id" = 1), "Server" text NOT NULL, "Written" bigint NOT NULL)
        """;

    /// <summary>Names the server, the database on it, and the timeline.</summary>
    public const string Server =
        """
        SELECT concat_ws('/', system_identifier, oid, left(pg_walfile_name(pg_current_wal_lsn()), 8)) AS "Value"
        FROM pg_control_system(), pg_database WHERE datname = current_database()
        """;

    /// <summary>Returns whether the row is as it was written, on the server {0}; no row if nothing was written yet.</summary>
    public const string IsSame =
        """
        SELECT "Server" = {0} AND xmin::text::bigint = "Written" AS "Value" FROM "StoreIdentity"
        """;

    /// <summary>
    /// Writes the row for the server {0}. The first statement gives it the number of the transaction, and the second one notes that. Below
    /// a savepoint it is another number than the transaction's own.
    /// </summary>
    public const string Write =
        """
        INSERT INTO "StoreIdentity" ("Id", "Server", "Written") VALUES (1, {0}, 0)
        ON CONFLICT ("Id") DO UPDATE SET "Server" = excluded."Server";
        UPDATE "StoreIdentity" SET "Written" = xmin::text::bigint
        """;
}
