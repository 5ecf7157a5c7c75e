using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Auie.Abstractions;
using Auie.Client;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Engine;

/// <summary>Every insight of an engine, as the API writes it.</summary>
internal static class Answers
{
    /// <param name="about">Whom they are about; null for everybody, of whom there are personas, too, where there are any.</param>
    public static async Task<Dictionary<string, JsonElement>> Of(EngineClient client, AudienceRequest? about = null)
    {
        var (audience, none) = (about ?? new AudienceRequest(), CancellationToken.None);
        var answers = new Dictionary<string, JsonElement>
        {
            ["who"] = Json(await client.GetWho(audience, none), AuieJson.Lenient.AudienceView),
            ["drivers"] = Json(await client.GetDrivers(audience, none), AuieJson.Lenient.InterestView),
            ["effects"] = Json(await client.GetEffects(audience, none), AuieJson.Lenient.EffectsView),
            ["when"] = Json(await client.GetWhen(audience, none), AuieJson.Lenient.WhenView),
            ["influencers"] = Json(await client.GetInfluencers(audience, 3, none), AuieJson.Lenient.InfluencersView),
            ["funnel"] = Json(await client.GetFunnel(new FunnelRequest([], "place", audience), none), AuieJson.Lenient.FunnelView),
            ["ordered"] = Json(await client.GetOrderedFunnel(new OrderedFunnelRequest([], 3_600, "age", audience), none), AuieJson.Lenient.OrderedFunnelView),
        };
        if (about is null && await client.GetPersonas(none) is { } personas) answers["personas"] = Json(personas, AuieJson.Lenient.PersonasView);
        return answers;
    }

    /// <summary>Every text in an answer, at whatever depth.</summary>
    public static IEnumerable<string> TextsIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(TextsIn),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => TextsIn(member.Value)),
        _ => [],
    };

    private static JsonElement Json<T>(T view, JsonTypeInfo<T> type) => JsonSerializer.SerializeToElement(view, type);
}
