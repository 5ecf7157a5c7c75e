using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

internal sealed class FakeErasures(FakeEngine engine) : IErasureGrain
{
    public Task<ErasureView> Start(string user, string by, CancellationToken cancellationToken)
    {
        engine.Users.TryRemove(user, out _);
        var receipt = new ErasureView
        {
            Id = $"x{engine.Erasures.Count + 1}", State = "running", Phase = "users", Done = 0, Of = FakeEngine.Partitions, Hashes = [user.Length.ToString()],
            RequestedAt = FakeEngine.AsOf, Users = 0, Items = 0, Answers = 0, Records = 0, Examples = 0, Unreadable = 0, Models = [], Remains = [],
        };
        engine.Erasures.Add(receipt);
        engine.Audited.Add(new AuditEntry(engine.Audited.Count + 1, FakeEngine.AsOf, by, AuditedActions.Erase, null, receipt.Id));
        return Task.FromResult(receipt);
    }

    public Task<ErasureView?> Get(string receipt, CancellationToken cancellationToken)
    {
        // It has ended by the time that somebody asks again.
        var place = engine.Erasures.FindIndex(one => one.Id == receipt);
        if (place >= 0)
            engine.Erasures[place] = engine.Erasures[place] with { State = "done", Phase = "done" };
        return Task.FromResult(place < 0 ? null : engine.Erasures[place]);
    }

    public Task<ErasureView[]> List(int count, CancellationToken cancellationToken) => Task.FromResult(engine.Erasures.AsEnumerable().Reverse().Take(count).ToArray());

    public Task<string[]> Resolve(string user, CancellationToken cancellationToken) => Task.FromResult<string[]>([user]);

    public Task<string> SubjectOf(string user, CancellationToken cancellationToken) => Task.FromResult($"hash of {user.Length} characters");

    public Task<string[]> GetLog(CancellationToken cancellationToken) => Task.FromResult<string[]>(["key a b", "erased a c"]);

    public Task<ErasureLogResult> ApplyLog(string[] lines, CancellationToken cancellationToken) => lines[0].StartsWith("key ", StringComparison.Ordinal)
        ? Task.FromResult(new ErasureLogResult(lines.Length - 1, 0, null))
        : throw new InvalidRequestException("lines[0]", "is no line of a log of erasures");
}

internal sealed class FakeAudit(FakeEngine engine) : IAuditGrain
{
    public Task Record(string key, string what, string? subject, string? receipt, CancellationToken cancellationToken)
    {
        engine.Audited.Add(new AuditEntry(engine.Audited.Count + 1, FakeEngine.AsOf, key, what, subject, receipt));
        return Task.CompletedTask;
    }

    public Task<AuditEntry[]> List(long after, int count, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Audited.Where(entry => entry.Number > after).Take(count).ToArray());
}
