namespace GenApi.Tests.Cluster;

/// <summary>
/// Lets the database itself watch every change of a generation's run: only the instance that holds the row's lease, while that lasts by the
/// database's clock, may change where its run stands. Violations are rows of the same transaction, and survive the instance. The service
/// looks at that clock when it gets the writer's lock, and nobody can take a row over until it gives the lock back. It holds the
/// lock for three seconds at most, so a lease may have ended that long before the change, and no longer.
/// </summary>
internal static class LeaseGuard
{
    /// <summary>Cancels and ends without a run are for everyone, so only changes of a run that has been sent are watched.</summary>
    private const string Sql =
        """
        CREATE TABLE "Violations" (
            "Generation" uuid, "Instance" text, "Owner" text, "LateSeconds" numeric, "Before" text, "After" text, "At" timestamptz);
        CREATE FUNCTION watch_leases() RETURNS trigger LANGUAGE plpgsql AS $body$
        DECLARE
            writer text := current_setting('genapi.instance', true);
            moment bigint := (extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 621355968000000000;
        BEGIN
            IF (NEW."Status", NEW."PredictionId", NEW."SubmittingAt")
                    IS DISTINCT FROM (OLD."Status", OLD."PredictionId", OLD."SubmittingAt")
                AND OLD."SubmittingAt" IS NOT NULL
                AND (OLD."Lease_Owner" IS DISTINCT FROM writer OR OLD."Lease_Until" < moment - 3 * 10000000)
            THEN
                INSERT INTO "Violations" VALUES (
                    OLD."Id", writer, OLD."Lease_Owner", (moment - OLD."Lease_Until") / 10000000.0,
                    OLD."Status" || ' ' || coalesce(OLD."PredictionId", '-'), NEW."Status" || ' ' || coalesce(NEW."PredictionId", '-'),
                    clock_timestamp());
            END IF;
            RETURN NEW;
        END $body$;
        CREATE TRIGGER watch_leases BEFORE UPDATE ON "Generations" FOR EACH ROW EXECUTE FUNCTION watch_leases();
        """;

    public static Task InstallAsync(TestStore store) => store.ExecuteAsync(Sql);

    public static async Task AssertKeptAsync(TestStore store)
    {
        var found = await store.QueryAsync("SELECT * FROM Violations");
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
