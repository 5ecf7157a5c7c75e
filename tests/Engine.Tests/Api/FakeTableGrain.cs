using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

internal sealed class FakeTableGrain(FakeEngine engine, string name) : ITableGrain
{
    public Task<TableView> Create(string[] columns, int shards, CancellationToken cancellationToken)
    {
        if (columns.Length > 100) throw new InvalidRequestException("columns", "are more than 100");
        if (!engine.Tables.TryAdd(name, new FakeTable(columns, shards, []))) throw new InvalidRequestException("name", "is taken");
        return Task.FromResult(View(engine.Tables[name]));
    }

    public Task<TableView> Complete(long generation, CancellationToken cancellationToken) => Task.FromResult(View(engine.Tables[name]));

    public Task<long> Append(long generation, long firstRow, double[] values, string[]? ids, CancellationToken cancellationToken)
    {
        var table = engine.Tables[name];
        table.Values.AddRange(values);
        table.Ids.AddRange(ids ?? []);
        engine.TableCalls.Writer.TryWrite("append");
        return Task.FromResult((long)table.Values.Count / table.Columns.Length);
    }

    public Task<TableView?> Get(CancellationToken cancellationToken) => Task.FromResult(engine.Tables.TryGetValue(name, out var table)
        ? View(table)
        : null);

    private TableView View(FakeTable table) => new(name, table.Columns, table.Values.Count / table.Columns.Length, table.Shards, 1, true);

    public Task<bool> Drop(long generation, CancellationToken cancellationToken) => Task.FromResult(Removed());

    private bool Removed()
    {
        var removed = engine.Tables.TryRemove(name, out _);
        engine.TableCalls.Writer.TryWrite("drop");
        return removed;
    }
}
