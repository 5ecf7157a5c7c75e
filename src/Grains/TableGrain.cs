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
        if (await store.ReadDocumentAsync(_tenant, Documents.Table, _name, cancellationToken).OrUnavailable() is { } stored)
            _table = TableRecord.Decode(stored);
    }

    public async Task Create(string[] columns, int shards, CancellationToken cancellationToken)
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
        var tables = 0;
        await foreach (var _ in store.ReadDocumentsAsync(_tenant, Documents.Table, cancellationToken))
            tables++;
        if (tables >= limits.MaxTables)
            throw new InvalidRequestException("table", $"there are {tables} tables, the most that are allowed; remove one first");

        await Write(new TableRecord(_name, columns, shards, 0), cancellationToken);
    }

    public async Task<long> Append(double[] values, CancellationToken cancellationToken)
    {
        var table = _table ?? throw new InvalidRequestException("table", $"there is no table '{_name}'");
        if (values.Length % table.Columns.Length != 0)
            throw new InvalidRequestException("values", $"{values.Length} values are no whole rows of {table.Columns.Length} columns");
        if (table.Rows * table.Columns.Length + values.Length > options.Value.MaxTableValues)
            throw new InvalidRequestException("values", $"a table holds at most {options.Value.MaxTableValues:N0} values");
        var infinite = Array.FindIndex(values, double.IsInfinity);
        if (infinite >= 0)
            throw new InvalidRequestException("values",
                $"row {table.Rows + infinite / table.Columns.Length + 1}, column '{table.Columns[infinite % table.Columns.Length]}' is infinite");
        if (values.Length == 0)
            return table.Rows;

        // A block goes to one shard whole; the blocks go round.
        var rows = values.Length / table.Columns.Length;
        var perShard = (rows + table.Shards - 1) / table.Shards;
        var writes = new List<Task>();
        for (int from = 0, shard = 0; from < rows; from += perShard, shard++)
        {
            var take = Math.Min(perShard, rows - from);
            writes.Add(Shard(shard).PutRows(table.Rows + from, table.Columns.Length,
                values[(from * table.Columns.Length)..((from + take) * table.Columns.Length)], cancellationToken));
        }

        await Task.WhenAll(writes);
        await Write(table with { Rows = table.Rows + rows }, cancellationToken);
        return _table!.Rows;
    }

    public Task<TableView?> Get(CancellationToken cancellationToken) =>
        Task.FromResult(_table is null ? null : new TableView(_table.Name, _table.Columns, _table.Rows, _table.Shards));

    public async Task<bool> Drop(CancellationToken cancellationToken)
    {
        if (_table is not { } table)
            return false;
        await Task.WhenAll(Enumerable.Range(0, table.Shards).Select(shard => Shard(shard).Drop(cancellationToken)));
        await Write(null, cancellationToken);
        return true;
    }

    private IFeatureShardGrain Shard(int number) =>
        GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Table(_name), number));

    private async Task Write(TableRecord? table, CancellationToken cancellationToken)
    {
        var owner = $"table/{_tenant}/{_name}";
        if (_epoch == 0)
            _epoch = await store.ClaimEpochAsync(owner, cancellationToken).OrUnavailable();
        await store.WriteDocumentsAsync(_tenant, owner, _epoch, [new DocumentWrite(Documents.Table, _name, table?.Encode())], cancellationToken)
            .OrUnavailable(DeactivateOnIdle);
        _table = table;
    }
}
