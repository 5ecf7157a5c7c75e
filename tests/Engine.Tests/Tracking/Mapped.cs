using System.Text.Json;
using Auie.Abstractions;
using Auie.Api.Tracking;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Tracking;

/// <summary>Maps single messages, apart from HTTP.</summary>
internal static class Mapped
{
    public static readonly DateTimeOffset ReceivedAt = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    public static MappedEvents Of(string message, DateTimeOffset? sentAt = null, TrackingMapping? mapping = null)
    {
        using var document = JsonDocument.Parse(message);
        var mapper = new EventMapper(mapping ?? TrackingMapping.BuiltIn, TimeSpan.FromHours(24), TimeSpan.FromHours(24), ReceivedAt, sentAt, () => "made");
        mapper.Add(document.RootElement, type: null);
        return mapper.Mapped;
    }

    /// <summary>The one event that a message of a user u with the id m becomes.</summary>
    public static UserEvent User(string type, string members) => Whole(Message(type, members)).Users.Single();

    public static MappedEvents Track(string name, string properties, TrackingMapping? mapping = null) =>
        Of(Message("track", $$"""
            "event":"{{name}}","properties":{{properties}}
            """), mapping: mapping);

    /// <summary>All that a message becomes; it must not be refused.</summary>
    public static MappedEvents Whole(string message)
    {
        var mapped = Of(message);
        mapped.AllRefused([], []).ShouldBeEmpty();
        return mapped;
    }

    /// <summary>The refusal of a message, of which nothing must be left.</summary>
    public static TrackingRefusal Refused(string message)
    {
        var mapped = Of(message);
        (mapped.Users.Count, mapped.Items.Count).ShouldBe((0, 0), message);
        var refusal = mapped.AllRefused([], []).ShouldHaveSingleItem(message);
        refusal.Reason.ShouldNotBeNullOrEmpty();
        return refusal;
    }

    public static string Message(string type, string members) => $$"""
        {"type":"{{type}}","userId":"u","messageId":"m","timestamp":"2026-05-01T11:00:00.000Z"{{(members.Length == 0 ? "" : ",")}}{{members}}}
        """;
}
