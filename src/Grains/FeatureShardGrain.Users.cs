using Auie.Abstractions;
using Auie.Core.Segments;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>Users as they are written to a table: read from the store by page, as of the last flush, with the segments that a model gives them.</summary>
public sealed partial class FeatureShardGrain
{
    /// <summary>The most users that one page holds.</summary>
    public const int MaxUsers = 1_000;

    public async Task<UserPage> ReadUsers(long version, DateTimeOffset? asOf, string? after, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MaxUsers)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MaxUsers}");
        var model = version == 0 ? null : await models.GetAsync(_tenant, version, cancellationToken)
            ?? throw new InvalidRequestException("version", $"there is no model version {version}");

        var at = model is null ? default : asOf ?? models.AsOfNow(_tenant, model);

        var partition = new PartitionId(_tenant, _number);
        var users = new List<UserRow>();
        await foreach (var stored in store.ReadHeadsAsync(partition, after, cancellationToken).OrUnavailable())
        {
            var head = UserHeadCodec.Decode(stored.Head);
            if (!Facts.HasRow(head))
                continue;
            users.Add(RowOf(UserViews.Of(stored.User, UserViews.Version(partition, stored.Offset), head), head, model, at));
            if (users.Count == count)
                return new UserPage([.. users], stored.User);
        }

        return new UserPage([.. users], null);
    }

    private static UserRow RowOf(UserView user, UserHead head, SegmentModel? model, DateTimeOffset asOf)
    {
        var facts = new UserFacts(head);
        if (model is null || model.Features.RowsOf(facts) == 0)
            return new UserRow(user, null, null, null);
        var sources = new double[model.Features.Count];
        model.Features.Sources(facts, sources);
        var assignment = model.Assign(sources, asOf);
        return new UserRow(user, assignment.Segment, model.Segments[assignment.Segment].Persona, assignment.Margin);
    }
}
