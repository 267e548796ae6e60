using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>Keeps the order of a work's statements: what waits to be sent goes before a statement of EF.</summary>
internal sealed class EfStatements : DbCommandInterceptor
{
    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        await BeforeAsync(eventData.Context, cancellationToken);
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await BeforeAsync(eventData.Context, cancellationToken);
        return result;
    }

    public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        await BeforeAsync(eventData.Context, cancellationToken);
        return result;
    }

    private static Task BeforeAsync(DbContext? context, CancellationToken cancellationToken) =>
        context is PostgresGenApiDbContext { Sender: { } sender }
            ? sender.StandAsideAsync(cancellationToken)
            : Task.CompletedTask;
}
