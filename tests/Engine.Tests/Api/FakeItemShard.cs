using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

internal sealed class FakeItemShard(FakeEngine engine, int number) : IItemShardGrain
{
    public Task<ImportResult> Import(ItemEvent[] events, CancellationToken cancellationToken)
    {
        var refused = new List<Refusal>();
        var (added, known) = (0, 0);
        var journal = engine.Items.GetOrAdd(number, _ => []);
        lock (journal)
        {
            for (var i = 0; i < events.Length; i++)
            {
                if (events[i].MessageId == "refuse") refused.Add(new Refusal(i, "messageId", "came before with another content"));
                else if (journal.Any(one => one.ItemId == events[i].ItemId && one.MessageId == events[i].MessageId)) known++;
                else
                {
                    journal.Add(events[i]);
                    added++;
                }
            }

            return Task.FromResult(new ImportResult(number, journal.Count, added, known, [.. refused]));
        }
    }

    public Task Deliver(ItemDelivery[] deliveries, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<ItemView?> Get(string item, CancellationToken cancellationToken) => Task.FromResult(Of(item) is { Length: > 0 } events
        ? new ItemView
        {
            Id = item,
            Traits = events[0].Traits ?? [],
            Answers = new() { ["yes"] = events.Sum(one => one.Yes?.Length ?? 0), ["invited"] = events.Sum(one => one.Invited?.Length ?? 0) },
        }
        : null);

    public Task<ItemAnswerPage?> GetAnswers(string item, string? after, int count, CancellationToken cancellationToken)
    {
        if (Of(item) is not { Length: > 0 } events) return Task.FromResult<ItemAnswerPage?>(null);
        var yes = events.SelectMany(one => one.Yes ?? []).Order(StringComparer.Ordinal).Where(one => string.CompareOrdinal(one, after) > 0).ToArray();
        return Task.FromResult<ItemAnswerPage?>(new ItemAnswerPage(
            [.. yes.Take(count).Select(one => new ItemAnswerView(one, "yes", false))], yes.Length > count ? yes[count - 1] : null));
    }

    public Task<CandidateBatch> FindCandidates(CandidateRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<DescribedItems> Describe(string[] items, string place, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<SimilarItems?> GetSimilar(string item, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Of(item).Length == 0 ? null : new SimilarItems(item, [new SimilarItem("e2", "The other", 1.5, 4, ["music"])]));

    public Task<string?[]> NamePeople(ulong[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<bool> Heard(UserReactions[] users, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<FlushResult> Flush(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<Forgotten> ForgetPeople(string[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<ItemMentionPage> FindMentions(string[] people, string? after, CancellationToken cancellationToken) =>
        Task.FromResult(new ItemMentionPage(number == 0 ? [new ItemMention("e1", people[0], "yes", false, false)] : [], null));

    public Task ReadTombstones(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<ItemCensus> GetCensus(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    private ItemEvent[] Of(string item) => engine.Items.TryGetValue(number, out var journal) ? [.. journal.Where(one => one.ItemId == item)] : [];
}
