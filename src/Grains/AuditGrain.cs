using System.Buffers.Binary;
using Auie.Abstractions;
using Auie.Core.Privacy;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>Keeps the audit. An entry is written once, under the next number.</summary>
public sealed class AuditGrain(IEngineStore store, TimeProvider time) : Grain, IAuditGrain
{
    private string _tenant = "";
    private long _epoch;
    private long _last;

    private string Owner => $"audit/{_tenant}";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenant = this.GetPrimaryKeyString();
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        if (await store.ReadDocumentAsync(_tenant, Documents.AuditEnd, Documents.LastEntry, cancellationToken).OrUnavailable() is { } end)
            _last = BinaryPrimitives.ReadInt64LittleEndian(end);
    }

    public async Task Record(string key, string what, string? subject, string? receipt, CancellationToken cancellationToken)
    {
        var entry = new AuditRecord(_last + 1, time.GetUtcNow(), key, what, subject, receipt);
        var end = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(end, entry.Number);
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch,
        [
            new DocumentWrite(Documents.Audit, Documents.Key(entry.Number), entry.Encode()),
            new DocumentWrite(Documents.AuditEnd, Documents.LastEntry, end),
        ], cancellationToken).OrUnavailable(DeactivateOnIdle);
        _last = entry.Number;
    }

    public async Task<AuditEntry[]> List(long after, int count, CancellationToken cancellationToken)
    {
        var entries = new List<AuditEntry>();
        for (var number = Math.Clamp(after, 0, _last) + 1; number <= _last && entries.Count < count; number++)
        {
            if (await store.ReadDocumentAsync(_tenant, Documents.Audit, Documents.Key(number), cancellationToken).OrUnavailable() is { } bytes
                && AuditRecord.Decode(bytes) is var entry)
                entries.Add(new AuditEntry(entry.Number, entry.At, entry.Key, entry.What, entry.Subject, entry.Receipt));
        }

        return [.. entries];
    }
}
