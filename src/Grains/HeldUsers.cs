using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>All that is kept of a user, as it is handed out to them.</summary>
internal static class HeldUsers
{
    public static HeldUser Of(string user, string version, UserState state) => new(
        user, state.Head.Owner, UserViews.Of(user, version, state.Head),
        [.. state.Head.Traits.Held().Select(trait => new HeldTrait(trait.Name, trait.Value, trait.At, trait.MessageId))],
        state.Head.Tracking is null ? null : new DateTimeOffset(state.Head.TrackingSaidAt, TimeSpan.Zero))
    {
        Hours = [.. state.Head.Rhythm.Held().Select(one => new HeldHour(one.What, one.Hour, one.Count))],
        Days = [.. state.Head.Rhythm.HeldDated().Select(one => new HeldDay(one.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), one.Count) { Hour = one.Hour })],
        Steps = [.. state.Head.Trail.Held().Select(step => new HeldStep(step.Kind.Name(), step.At))],
    };

    public static HeldAnswer Of(ItemAnswer answer) => new(
        answer.Item, answer.Interest?.Name(), answer.Attendance?.Name(), answer.Shown, answer.Viewed, answer.Invited, answer.Purchased) { Came = answer.Came };

    public static IEnumerable<HeldEntry> Of(StoredRecord stored)
    {
        var record = EntryCodec.DecodeRecord(stored.Payload);
        return record.Entries.Select(entry => new HeldEntry
        {
            Offset = stored.Offset,
            Kind = entry.Kind.Name(),
            At = entry.At,
            MessageId = entry.MessageId,
            AnonymousId = entry.AnonymousId,
            Item = entry.Item,
            Platform = entry.Platform,
            Channel = entry.Channel,
            Name = entry.Name,
            Amount = entry.Amount,
            Traits = entry.Traits?.ToDictionary(trait => trait.Key, trait => trait.Value),
            FriendsAdded = entry.FriendsAdded?.ToArray(),
            FriendsRemoved = entry.FriendsRemoved?.ToArray(),
            Tracking = entry.Tracking,
            Personalisation = entry.Personalisation,
            Other = entry.Other,
            PassedOnTo = record.PassedOnTo,
            Sender = record.Sender,
        });
    }
}
