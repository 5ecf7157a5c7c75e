using Auie.Abstractions;
using Auie.Core.Imports;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>Keeps what imports reported, of each source the latest.</summary>
public sealed partial class ImportLogGrain(IEngineStore store, Tombstones tombstones, IOptions<EngineOptions> options, ILogger<ImportLogGrain> logger) : Grain, IImportLogGrain
{
    private readonly SortedDictionary<string, ImportReport> _reports = new(StringComparer.Ordinal);
    private ErasedIds _tombstones = new();
    private string _tenant = "";
    private long _epoch;

    private string Owner => $"imports/{_tenant}";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenant = this.GetPrimaryKeyString();
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        _tombstones = await tombstones.ReadAsync(_tenant, cancellationToken);
        await foreach (var (source, bytes) in store.ReadDocumentsAsync(_tenant, Documents.Import, cancellationToken).OrUnavailable())
        {
            try
            {
                _reports[source] = ImportReports.Of(ImportRecord.Decode(bytes));
            }
            catch (Exception e)
            {
                // One that cannot be read does not keep the others from being read, nor the next import from reporting.
                LogReportNotRead(e, source);
            }
        }
    }

    public async Task Put(ImportReport report, CancellationToken cancellationToken)
    {
        ImportReports.Check(report, options.Value);
        if (!_reports.ContainsKey(report.Source) && _reports.Count >= options.Value.MaxImportSources)
            throw new InvalidRequestException("source", $"there are reports of {_reports.Count} sources, the most that are kept");
        (report, _) = ImportReports.WithoutExamples(report, example => ExampleIds.Of(example).Any(_tombstones.Holds));
        var document = new DocumentWrite(Documents.Import, report.Source, ImportReports.ToRecord(report).Encode());
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch, [document], cancellationToken).OrUnavailable(DeactivateOnIdle);
        _reports[report.Source] = report;
    }

    public async Task<int> DropExamples(string[] ids, CancellationToken cancellationToken)
    {
        _tombstones = await tombstones.KnownAsync(_tenant, cancellationToken);
        foreach (var id in ids)
            _tombstones.Add(_tombstones.Of(id));
        var dropped = 0;
        foreach (var (source, report) in _reports.ToArray())
        {
            var (left, gone) = ImportReports.WithoutExamples(report, example => ids.Any(id => ExampleIds.Holds(example, id)));
            if (gone == 0)
                continue;
            var document = new DocumentWrite(Documents.Import, source, ImportReports.ToRecord(left).Encode());
            await store.WriteDocumentsAsync(_tenant, Owner, _epoch, [document], cancellationToken).OrUnavailable(DeactivateOnIdle);
            _reports[source] = left;
            dropped += gone;
        }

        return dropped;
    }

    public Task<ImportReport[]> List(CancellationToken cancellationToken) => Task.FromResult(_reports.Values.ToArray());

    [LoggerMessage(Level = LogLevel.Error, Message = "What the latest import of {Source} reported cannot be read, and is left out until it reports again.")]
    private partial void LogReportNotRead(Exception exception, string source);
}
