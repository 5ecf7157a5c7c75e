using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Auie.Client;
using Auie.Client.Http;

namespace Auie.Api;

/// <summary>
/// Writes everything that is held on a user as one JSON document, page after page, so that memory holds one page. Where it cannot be written to its end the connection is
/// cut, and its reader has no valid document.
/// </summary>
internal static class UserExport
{
    private const int AtOnce = 1_000;

    /// <summary>Whether there is anything under one of the ids.</summary>
    public static async Task<bool> IsHeld(EngineClient engine, string[] ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            if (await engine.GetHeldUser(id, cancellationToken) is not null)
                return true;
        }

        return false;
    }

    public static async Task Write(EngineClient engine, string[] ids, PipeWriter to, CancellationToken cancellationToken)
    {
        // What fails before anything is written is answered as such.
        var segment = await engine.GetUserSegment(ids[0], null, null, cancellationToken);
        var first = await engine.GetHeldUser(ids[0], cancellationToken);
        await engine.GetHeldFriends(ids[0], null, 1, cancellationToken);
        var unreadable = 0;
        await using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("userId", ids[0]);
        Value(json, "ids", ids, AuieJson.Strict.StringArray);
        Value(json, "segment", segment, AuieJson.Strict.UserSegment);
        json.WriteStartArray("held");
        foreach (var id in ids)
        {
            if ((id == ids[0] ? first : await engine.GetHeldUser(id, cancellationToken)) is not { } held)
                continue;
            json.WriteStartObject();
            json.WriteString("id", id);
            if (held.Owner is not null)
                json.WriteString("belongsTo", held.Owner);
            Value(json, "profile", held.Profile, AuieJson.Strict.UserView);
            Value(json, "traits", held.Traits, AuieJson.Strict.HeldTraitArray);
            Value(json, "hours", held.Hours, AuieJson.Strict.HeldHourArray);
            Value(json, "days", held.Days, AuieJson.Strict.HeldDayArray);
            Value(json, "steps", held.Steps, AuieJson.Strict.HeldStepArray);
            if (held.TrackingSaidAt is { } said)
                json.WriteString("trackingSaidAt", said);
            await Array("friends", AuieJson.Strict.HeldFriend, (string? after) => engine.GetHeldFriends(id, after, AtOnce, cancellationToken), page => (page.Friends, page.Next));
            await Array("answers", AuieJson.Strict.HeldAnswer, (string? after) => engine.GetHeldAnswers(id, after, AtOnce, cancellationToken), page => (page.Answers, page.Next));
            await Array("entries", AuieJson.Strict.HeldEntry, (string? after) => engine.GetHeldEntries(id, after is null ? 0 : long.Parse(after), AtOnce, cancellationToken),
                page =>
                {
                    unreadable += page.Unreadable;
                    return (page.Entries, page.Next?.ToString());
                });
            json.WriteEndObject();
        }

        json.WriteEndArray();
        // Items are looked through as they are written.
        await engine.Flush(cancellationToken);
        json.WriteStartArray("items");
        await foreach (var page in engine.FindItemMentions(ids, cancellationToken))
        {
            unreadable += page.Unreadable;
            foreach (var mention in page.Mentions)
                JsonSerializer.Serialize(json, mention, AuieJson.Strict.ItemMention);
            await Flush();
        }

        json.WriteEndArray();
        Value(json, "campaigns", await engine.FindCampaignMentions(ids, cancellationToken), AuieJson.Strict.CampaignMentionArray);
        json.WriteNumber("unreadable", unreadable);
        json.WriteEndObject();
        await Flush();

        async Task Array<TPage, TItem>(string name, JsonTypeInfo<TItem> type, Func<string?, Task<TPage>> read, Func<TPage, (TItem[] Items, string? Next)> of)
        {
            json.WriteStartArray(name);
            string? after = null;
            do
            {
                var (items, next) = of(await read(after));
                foreach (var item in items)
                    JsonSerializer.Serialize(json, item, type);
                await Flush();
                after = next;
            }
            while (after is not null);
            json.WriteEndArray();
        }

        async Task Flush()
        {
            await json.FlushAsync(cancellationToken);
            await to.FlushAsync(cancellationToken);
        }
    }

    private static void Value<T>(Utf8JsonWriter json, string name, T? value, JsonTypeInfo<T> type)
    {
        json.WritePropertyName(name);
        if (value is null)
            json.WriteNullValue();
        else
            JsonSerializer.Serialize(json, value, type);
    }
}
