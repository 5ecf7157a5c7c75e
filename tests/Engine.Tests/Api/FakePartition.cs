using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

internal sealed class FakePartition(FakeEngine engine, int number) : IPartitionGrain
{
    public Task<ImportResult> Import(UserEvent[] events, CancellationToken cancellationToken)
    {
        var refused = new List<Refusal>();
        var (added, known) = (0, 0);
        var journal = engine.Journal.GetOrAdd(number, _ => []);
        lock (journal)
        {
            for (var i = 0; i < events.Length; i++)
            {
                if (events[i].Kind == "unheard-of") refused.Add(new Refusal(i, "kind", "is not a known kind"));
                else if (journal.Any(one => one.UserId == events[i].UserId && one.MessageId == events[i].MessageId)) known++;
                else
                {
                    journal.Add(events[i]);
                    added++;
                }
            }

            return Task.FromResult(new ImportResult(number, journal.Count, added, known, [.. refused]));
        }
    }

    public async Task<AppendResult> Append(UserEvent[] events, bool segments, CancellationToken cancellationToken)
    {
        engine.Appending.TrySetResult();
        if (engine.BeforeAppend is { } before) await before();
        return await Take(events, segments);
    }

    private Task<AppendResult> Take(UserEvent[] events, bool segments)
    {
        if (engine.FailedAppends.TryDequeue(out var failure)) throw failure;
        var refused = new List<Refusal>();
        var known = 0;
        var journal = engine.Journal.GetOrAdd(number, _ => []);
        lock (journal)
        {
            for (var i = 0; i < events.Length; i++)
            {
                if (events[i].Kind == "unheard-of") refused.Add(new Refusal(i, "kind", "is not a known kind"));
                else if (journal.Find(one => one.UserId == events[i].UserId && one.MessageId == events[i].MessageId) is not { } before) journal.Add(events[i]);
                else if ((before.Stamped ?? before.At, before.Kind, before.Item) == (events[i].Stamped ?? events[i].At, events[i].Kind, events[i].Item)) known++;
                else refused.Add(new Refusal(i, "messageId", "came before with another content"));
            }

            if (engine.LostAnswers.TryDequeue(out var lost)) throw lost;
            var version = $"{number}.{journal.Count}";
            return Task.FromResult(new AppendResult(number, journal.Count, [.. refused])
            {
                Known = known,
                Segments = segments
                    ? [.. events.Select(one => one.UserId).Distinct().Select(user => new SegmentChange(user, version, 1, null, new SegmentName(0, "Silent Observers")))]
                    : [],
            });
        }
    }

    public Task<AppendResult> Deliver(Delivery[] deliveries, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task Reach(long offset, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task TellItems(int shard, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task Settle(long offset, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<FlushResult> Flush(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<ErasedUsers> EraseUsers(string[] users, string[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<Forgotten> ForgetUsers(string[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task ReadTombstones(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");
}

internal sealed class FakeImportLog(FakeEngine engine) : IImportLogGrain
{
    public Task Put(ImportReport report, CancellationToken cancellationToken)
    {
        engine.Imports.RemoveAll(one => one.Source == report.Source);
        engine.Imports.Add(report);
        return Task.CompletedTask;
    }

    public Task<ImportReport[]> List(CancellationToken cancellationToken) => Task.FromResult(engine.Imports.ToArray());

    public Task<int> DropExamples(string[] ids, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");
}
