using Auie.Abstractions;
using Auie.Core.Imports;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>Keeps what imports reported, of each source the latest.</summary>
public sealed class ImportLogGrain(IEngineStore store, IOptions<EngineOptions> options) : Grain, IImportLogGrain
{
    private readonly SortedDictionary<string, ImportReport> _reports = new(StringComparer.Ordinal);
    private string _tenant = "";
    private long _epoch;

    private string Owner => $"imports/{_tenant}";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenant = this.GetPrimaryKeyString();
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        await foreach (var (source, bytes) in store.ReadDocumentsAsync(_tenant, Documents.Import, cancellationToken).OrUnavailable())
            _reports[source] = ImportReports.Of(ImportRecord.Decode(bytes));
    }

    public async Task Put(ImportReport report, CancellationToken cancellationToken)
    {
        ImportReports.Check(report, options.Value);
        if (!_reports.ContainsKey(report.Source) && _reports.Count >= options.Value.MaxImportSources)
            throw new InvalidRequestException("source", $"there are reports of {_reports.Count} sources, the most that are kept");
        var document = new DocumentWrite(Documents.Import, report.Source, ImportReports.ToRecord(report).Encode());
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch, [document], cancellationToken).OrUnavailable(DeactivateOnIdle);
        _reports[report.Source] = report;
    }

    public Task<ImportReport[]> List(CancellationToken cancellationToken) => Task.FromResult(_reports.Values.ToArray());
}
