using Auie.Abstractions;

namespace Auie.Engine.Tests.Engine;

/// <summary>Events for tests of ingestion.</summary>
internal static class SomeEvents
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.FromHours(2));

    public static UserEvent Event(string user, string messageId, string kind, string? item = null) =>
        new() { UserId = user, MessageId = messageId, Kind = kind, At = Noon, Item = item, Platform = "web" };

    public static UserEvent Viewed(string user, string messageId) => Event(user, messageId, "viewed", "e-" + messageId);

    /// <summary>An event of a visitor whom nobody knows yet.</summary>
    public static UserEvent Visited(string anonymousId, string messageId) => Viewed("anonymous:" + anonymousId, messageId) with { AnonymousId = anonymousId };

    public static UserEvent Identify(string user, string messageId, string? anonymousId = null) =>
        new() { UserId = user, MessageId = messageId, Kind = "identify", At = Noon, AnonymousId = anonymousId, Traits = new() { ["locale"] = "en_GB" } };

    public static UserEvent Alias(string previous, string user, string messageId) =>
        new() { UserId = user, MessageId = messageId, Kind = "alias", At = Noon, PreviousId = previous };

    public static async Task<AppendResult[]> SendAsync(this TestEngine engine, params UserEvent[] events) =>
        await engine.Client.Append(events, false, CancellationToken.None);

    public static async Task<UserView> UserAsync(this TestEngine engine, string user) =>
        (await engine.Client.GetUser(user, null, CancellationToken.None)).ShouldNotBeNull();

    public static async Task<long> ViewsAsync(this TestEngine engine, string user) => (await engine.UserAsync(user)).Events.GetValueOrDefault("viewed");

    public static IPartitionGrain PartitionOf(this TestEngine engine, string user) =>
        engine.Grains.GetGrain<IPartitionGrain>(GrainKeys.Partition("default", Partitioning.PartitionOf("default", user, engine.Store.Partitions)));
}
