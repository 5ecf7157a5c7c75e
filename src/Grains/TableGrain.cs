using Auie.Abstractions;
using Auie.Core.Jobs;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>A table of numbers: says what it is, and deals its rows out to its shards in blocks.</summary>
public sealed class TableGrain(IEngineStore store, IOptions<EngineOptions> options) : Grain, ITableGrain
{
    private string _tenant = "";
    private string _name = "";
    private long _epoch;
    private TableRecord? _table;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = GrainKeys.Split(this.GetPrimaryKeyString(), 2);
        (_tenant, _name) = (key[0], key[1]);
        if (_name.Length is 0 or > 100 || !_name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            throw new InvalidRequestException("table", $"'{_name}' is no name for a table: 1 to 100 letters, digits, '.', '-' or '_'");
        if (await store.ReadDocumentAsync(_tenant, Documents.Table, _name, cancellationToken).OrUnavailable() is not { } stored)
            return;
        _table = TableRecord.Decode(stored);
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        if (_table.State == TableState.Dropping)
            await RemoveAsync(_table, cancellationToken);
    }

    public async Task<TableView> Create(string[] columns, int shards, CancellationToken cancellationToken)
    {
        if (_table is not null)
            throw new InvalidRequestException("table", $"there is a table '{_name}' already");
        var limits = options.Value;
        if (columns.Length == 0 || columns.Length > limits.MaxTableColumns)
            throw new InvalidRequestException("columns", $"there are {columns.Length}; a table has 1 to {limits.MaxTableColumns}");
        if (columns.FirstOrDefault(string.IsNullOrWhiteSpace) is not null)
            throw new InvalidRequestException("columns", "one has no name");
        if (columns.GroupBy(c => c).FirstOrDefault(c => c.Count() > 1) is { } twice)
            throw new InvalidRequestException("columns", $"'{twice.Key}' occurs {twice.Count()} times");
        if (shards == 0)
            shards = limits.TableShards;
        if (shards < 1 || shards > limits.MaxTableShards)
            throw new InvalidRequestException("shards", $"{shards} is not in 1 to {limits.MaxTableShards}");
        var (tables, values) = (0, 0L);
        await foreach (var (_, other) in store.ReadDocumentsAsync(_tenant, Documents.Table, cancellationToken).OrUnavailable())
        {
            var record = TableRecord.Decode(other);
            (tables, values) = (tables + 1, values + record.Rows * record.Columns.Length);
        }

        if (tables >= limits.MaxTables)
            throw new InvalidRequestException("table", $"there are {tables} tables, the most that are allowed; remove one first");
        if (values >= limits.MaxValuesOfAllTables)
            throw new InvalidRequestException("table", $"all tables together hold {values:N0} values, the most that are allowed; remove one first");

        // An epoch is never given twice for a name, and so tells this table from those before it.
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        return await WriteAsync(new TableRecord(_name, _epoch, columns, shards, 0, TableState.Filling), cancellationToken);
    }

    public async Task<long> Append(long generation, long firstRow, double[] values, string[]? ids, CancellationToken cancellationToken)
    {
        var table = Known(generation);
        if (table.State != TableState.Filling)
            throw new InvalidRequestException("table", $"'{_name}' is complete; it takes no more rows");
        if (values.Length % table.Columns.Length != 0)
            throw new InvalidRequestException("values", $"{values.Length} values are no whole rows of {table.Columns.Length} columns");
        var rows = values.Length / table.Columns.Length;
        CheckIds(table, rows, ids);
        if (firstRow + rows == table.Rows)
            return table.Rows; // sent again: they are there
        if (firstRow != table.Rows)
            throw new InvalidRequestException("firstRow", $"the table has {table.Rows} rows; the next one is not {firstRow}");
        if ((table.Rows + rows) * table.Columns.Length > options.Value.MaxTableValues)
            throw new InvalidRequestException("values", $"a table holds at most {options.Value.MaxTableValues:N0} values");
        var infinite = Array.FindIndex(values, double.IsInfinity);
        if (infinite >= 0)
            throw new InvalidRequestException("values",
                $"row {table.Rows + infinite / table.Columns.Length + 1}, column '{table.Columns[infinite % table.Columns.Length]}' is infinite");

        // Each shard takes a block; what a failure leaves behind lies beyond the rows that the record counts, and is overwritten or removed.
        var perShard = (rows + table.Shards - 1) / table.Shards;
        var writes = new List<Task>();
        for (var shard = 0; shard < table.Shards; shard++)
        {
            var (from, to) = (Math.Min(shard * perShard, rows), Math.Min((shard + 1) * perShard, rows));
            writes.Add(Shard(table, shard).PutRows(table.Rows, table.Rows + from,
                values[(from * table.Columns.Length)..(to * table.Columns.Length)], ids?[from..to], cancellationToken));
        }

        await Task.WhenAll(writes);
        var hasIds = table.HasIds == true || ids is { Length: > 0 };
        return (await WriteAsync(table with { Rows = table.Rows + rows, HasIds = hasIds ? true : null }, cancellationToken)).Rows;
    }

    /// <summary>All rows of a table are identified by texts, or none is.</summary>
    private static void CheckIds(TableRecord table, int rows, string[]? ids)
    {
        if (rows > 0 && table.Rows > 0 && ids is not null != (table.HasIds == true))
            throw new InvalidRequestException("ids", table.HasIds == true ? "the rows before have them, and these have none" : "the rows before have none, and these have them");
        if (ids is null)
            return;
        if (ids.Length != rows)
            throw new InvalidRequestException("ids", $"there are {ids.Length} for {rows} rows");
        var empty = Array.FindIndex(ids, string.IsNullOrEmpty);
        if (empty >= 0)
            throw new InvalidRequestException("ids", $"that of row {empty + 1} of {rows} is empty");
    }

    public async Task<TableView> Complete(long generation, CancellationToken cancellationToken)
    {
        var table = Known(generation);
        return table.State == TableState.Complete ? View(table) : await WriteAsync(table with { State = TableState.Complete }, cancellationToken);
    }

    public Task<TableView?> Get(CancellationToken cancellationToken)
    {
        if (_table is null)
            DeactivateOnIdle();
        return Task.FromResult(_table is { State: not TableState.Dropping } table ? View(table) : null);
    }

    public async Task<bool> Drop(long generation, CancellationToken cancellationToken)
    {
        if (_table is not { } table || (generation != 0 && table.Generation != generation))
            return false;
        // Gone first, then removed: whatever happens in between, nobody sees a part of it.
        if (table.State != TableState.Dropping)
            await WriteAsync(table with { State = TableState.Dropping }, cancellationToken);
        await RemoveAsync(table, cancellationToken);
        return true;
    }

    private string Owner => $"table/{_tenant}/{_name}";

    private TableRecord Known(long generation) => _table is { State: not TableState.Dropping } table && table.Generation == generation
        ? table
        : throw new InvalidRequestException("table", $"there is no table '{_name}', or it is another one by now");

    private IFeatureShardGrain Shard(TableRecord table, int number) =>
        GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Table(_name, table.Generation), number));

    private async Task RemoveAsync(TableRecord table, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, table.Shards).Select(shard => Shard(table, shard).Drop(cancellationToken)));
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch, [new DocumentWrite(Documents.Table, _name, null)], cancellationToken)
            .OrUnavailable(DeactivateOnIdle);
        _table = null;
    }

    private async Task<TableView> WriteAsync(TableRecord table, CancellationToken cancellationToken)
    {
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch, [new DocumentWrite(Documents.Table, _name, table.Encode())], cancellationToken)
            .OrUnavailable(DeactivateOnIdle);
        _table = table;
        return View(table);
    }

    private static TableView View(TableRecord table) =>
        new(table.Name, table.Columns, table.Rows, table.Shards, table.Generation, table.State == TableState.Complete);
}
