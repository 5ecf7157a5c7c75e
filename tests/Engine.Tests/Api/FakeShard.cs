using System.Reflection;
using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

/// <summary>What the API asks of a shard of users; it asks nothing else of it.</summary>
internal class FakeShard : DispatchProxy
{
    private FakeEngine _engine = null!;
    private int _number;
    private int _pages;

    public static IFeatureShardGrain Of(FakeEngine engine, int number)
    {
        var shard = Create<IFeatureShardGrain, FakeShard>();
        ((FakeShard)(object)shard)._engine = engine;
        ((FakeShard)(object)shard)._number = number;
        return shard;
    }

    protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => (targetMethod!.Name, args) switch
    {
        (nameof(IFeatureShardGrain.ReadRows), [string features, DateTimeOffset asOf, var after, int count, _]) => ReadRows(features, asOf, (string?)after, count),
        (nameof(IFeatureShardGrain.ReadUsers), [long version, _, var after, int count, _]) => ReadUsers(version, (string?)after, count),
        _ => throw new InvalidOperationException("The API calls no such thing."),
    };

    private Task<FeaturePage> ReadRows(string features, DateTimeOffset asOf, string? after, int count)
    {
        _engine.RowQueries.Enqueue((features, asOf));
        var (users, next) = Page(after, count);
        return Task.FromResult(new FeaturePage(["age", "friends"], [.. users.Select(user => user.Id)], [.. users.SelectMany(user => _engine.FeaturesOf(user.Id))], next));
    }

    private Task<UserPage> ReadUsers(long version, string? after, int count)
    {
        var (users, next) = Page(after, count);
        var persona = version == 0 ? null : _engine.Segmentation!.Segments[0].Persona;
        return Task.FromResult(new UserPage(
            [.. users.Select(user => new UserRow(user, persona is null ? null : 0, persona, persona is null ? null : .75))], next));
    }

    private (UserView[] Users, string? Next) Page(string? after, int count)
    {
        if (_engine.BreaksOff is { } end && _pages++ >= end.Pages) throw end.Failure;
        var users = _engine.Users.Values.Where(user => user.Version.StartsWith($"{_number}.", StringComparison.Ordinal))
            .Where(user => string.CompareOrdinal(user.Id, after) > 0).OrderBy(user => user.Id, StringComparer.Ordinal).Take(count).ToArray();
        return (users, users.Length == count ? users[^1].Id : null);
    }
}
