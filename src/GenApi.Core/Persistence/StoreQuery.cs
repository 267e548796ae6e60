using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence;

/// <summary>
/// Compiles queries that run for each request. EF binds a compiled query to the model that it first runs on, so each engine has its own.
/// It is compiled when it first runs.
/// </summary>
internal static class StoreQuery
{
    public static Func<GenApiDbContext, T, Task<TResult>> Compile<T, TResult>(
        Expression<Func<GenApiDbContext, T, TResult>> query)
    {
        var each = new PerEngine<Func<GenApiDbContext, T, Task<TResult>>>(() => EF.CompileAsyncQuery(query));
        return (db, one) => each.For(db)(db, one);
    }

    public static Func<GenApiDbContext, T1, T2, Task<TResult>> Compile<T1, T2, TResult>(
        Expression<Func<GenApiDbContext, T1, T2, TResult>> query)
    {
        var each = new PerEngine<Func<GenApiDbContext, T1, T2, Task<TResult>>>(() => EF.CompileAsyncQuery(query));
        return (db, one, two) => each.For(db)(db, one, two);
    }

    public static Func<GenApiDbContext, T, IAsyncEnumerable<TResult>> Compile<T, TResult>(
        Expression<Func<GenApiDbContext, T, IQueryable<TResult>>> query)
    {
        var each = new PerEngine<Func<GenApiDbContext, T, IAsyncEnumerable<TResult>>>(() => EF.CompileAsyncQuery(query));
        return (db, one) => each.For(db)(db, one);
    }

    public static Func<GenApiDbContext, T1, T2, IAsyncEnumerable<TResult>> Compile<T1, T2, TResult>(
        Expression<Func<GenApiDbContext, T1, T2, IQueryable<TResult>>> query)
    {
        var each = new PerEngine<Func<GenApiDbContext, T1, T2, IAsyncEnumerable<TResult>>>(() => EF.CompileAsyncQuery(query));
        return (db, one, two) => each.For(db)(db, one, two);
    }

    public static Func<GenApiDbContext, T1, T2, T3, T4, IAsyncEnumerable<TResult>> Compile<T1, T2, T3, T4, TResult>(
        Expression<Func<GenApiDbContext, T1, T2, T3, T4, IQueryable<TResult>>> query)
    {
        var each = new PerEngine<Func<GenApiDbContext, T1, T2, T3, T4, IAsyncEnumerable<TResult>>>(() => EF.CompileAsyncQuery(query));
        return (db, one, two, three, four) => each.For(db)(db, one, two, three, four);
    }

    public static Func<GenApiDbContext, T1, T2, T3, T4, T5, IAsyncEnumerable<TResult>> Compile<T1, T2, T3, T4, T5, TResult>(
        Expression<Func<GenApiDbContext, T1, T2, T3, T4, T5, IQueryable<TResult>>> query)
    {
        var each = new PerEngine<Func<GenApiDbContext, T1, T2, T3, T4, T5, IAsyncEnumerable<TResult>>>(() => EF.CompileAsyncQuery(query));
        return (db, one, two, three, four, five) => each.For(db)(db, one, two, three, four, five);
    }

    private sealed class PerEngine<T>(Func<T> compile)
    {
        private readonly Lazy<T> _file = new(compile), _server = new(compile);

        public T For(GenApiDbContext db) => (db.IsServer ? _server : _file).Value;
    }
}
