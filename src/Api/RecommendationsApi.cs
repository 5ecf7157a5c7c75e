using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>What is recommended to users and groups, and who and what is alike.</summary>
public static class RecommendationsApi
{
    private const int MostExcluded = 1_000, MostSupposedEvents = 100, MostMembers = 20;

    public static RouteGroupBuilder MapRecommendationsApi(this RouteGroupBuilder api)
    {
        var all = api.MapGroup("").WithTags("Recommendations").RequireScope(Scopes.Read);
        all.MapGet("/users/{id}/recommendations", Get).WithName("GetRecommendations").WithSummary("What to recommend to a user, and why")
            .WithDescription("n: how many, 1 to 100 (10). kind: event or product. category: a category or tag that they must have. near: 'latitude,longitude' or a place's name; left out, where "
                + "the profile says. from, to: only what starts between them. exclude: ids with commas between them. record=false: the answer does not count as shown to the user; else it counts as shown now, whatever at says. "
                + "Nothing cancelled, sold out or past is among them, nor what the user declined or did. A reason is given only where the score is lower without it. Somebody who is not "
                + "known gets what is popular, by whatever is known of them.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithMetadata(new ChangesSomething(request => !string.Equals(request.Query["record"], "false", StringComparison.OrdinalIgnoreCase)), MayTake.As<IUserGrain>(nameof(IUserGrain.Recommend)));
        all.MapPost("/users/{id}/recommendations", Post).WithName("PostRecommendations").WithSummary("What to recommend to a user in a context")
            .WithDescription("context: the platform, place, time and page that it is for, and a locale for somebody of whom none is known.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        all.MapPost("/users/{id}/recommendations/what-if", PostWhatIf).WithName("PostWhatIf").WithSummary("What would be recommended to a user with other traits or further events")
            .WithDescription("events are as POST /api/events has them, without userId and messageId: they are this user's. Nothing is stored, neither what is supposed nor that anything was shown.").ProducesProblem(StatusCodes.Status404NotFound);
        all.MapPost("/groups/recommendations", PostGroup).WithName("PostGroupRecommendations").WithSummary("What to recommend to several users together")
            .WithDescription("1 to 20 users. What pleases the least pleased of them most comes first; what one of them declined or did is left out. It does not count as shown.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        all.MapGet("/users/{id}/similar", GetSimilarUsers).WithName("GetSimilarUsers").WithSummary("Users who wanted what a user wanted")
            .WithDescription("The fewer people wanted a thing, the more it weighs that two did.").ProducesProblem(StatusCodes.Status404NotFound);
        all.MapGet("/items/{id}/similar", GetSimilarItems).WithName("GetSimilarItems").WithSummary("Items that are like an item: by words, and by who wanted both")
            .WithDescription("Only what may be shown now.").ProducesProblem(StatusCodes.Status404NotFound).WithMetadata(MayTake.As<IItemShardGrain>(nameof(IItemShardGrain.GetSimilar)));
        return api;
    }

    private static Task<Results<Ok<Recommendations>, ProblemHttpResult>> Get(
        string id, int? n, string? kind, string? category, string? near, string? from, string? to, string? exclude, string? platform, string? at, string? atLeast, bool? record,
        EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        Answer(id, new RecommendationOrder
        {
            N = n,
            Kind = kind,
            Category = category,
            Near = near,
            From = Input.Instant("from", from),
            To = Input.Instant("to", to),
            Exclude = exclude?.Split(',', StringSplitOptions.RemoveEmptyEntries),
            Record = record,
            Context = new RecommendationContext { Platform = platform, Time = Input.Instant("at", at) },
        }, request => request, Input.AtLeast(atLeast), engine, context, cancellationToken);

    private static Task<Results<Ok<Recommendations>, ProblemHttpResult>> Post(
        string id, RecommendationOrder order, string? atLeast, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        Answer(id, order, request => request, Input.AtLeast(atLeast), engine, context, cancellationToken);

    private static Task<Results<Ok<Recommendations>, ProblemHttpResult>> PostWhatIf(
        string id, WhatIfOrder order, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        if (order.Traits is null && order.Events is null)
            throw new InvalidRequestException("traits", "or events have to be given");
        if (order.Events is { Length: > MostSupposedEvents })
            throw new InvalidRequestException("events", $"{order.Events.Length} are more than {MostSupposedEvents}");
        if (order.Events is { } events && Array.IndexOf(events, null) is >= 0 and var place)
            throw new InvalidRequestException($"events[{place}]", "must not be null");
        if (Array.FindIndex(order.Events ?? [], supposed => supposed.UserId is { } user && user != id) is >= 0 and var other)
            throw new InvalidRequestException($"events[{other}].userId", $"'{order.Events![other].UserId}' is not '{id}', of whom this asks");
        return Answer(id, order, request => request with { SupposedTraits = order.Traits, SupposedEvents = order.Events?.Select((supposed, place) => supposed.Of(id, place)).ToArray() }, null, engine, context, cancellationToken);
    }

    private static async Task<Results<Ok<Recommendations>, ProblemHttpResult>> Answer(
        string id, RecommendationOrder order, Func<RecommendationRequest, RecommendationRequest> more, VersionToken? atLeast, EngineClient engine, HttpContext context,
        CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        var recommended = await engine.Recommend(id, more(Checked(order)), atLeast, cancellationToken);
        return recommended is null ? NoConsent(id).ToResult(context) : TypedResults.Ok(recommended);
    }

    private static async Task<Results<Ok<GroupRecommendations>, ProblemHttpResult>> PostGroup(
        GroupOrder order, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var members = order.UserIds.Distinct().ToArray();
        if (members.Length is < 1 or > MostMembers)
            throw new InvalidRequestException("userIds", $"{members.Length} different ones are not 1 to {MostMembers}");
        for (var i = 0; i < members.Length; i++)
        {
            if (members[i] is null || Input.IdProblem(members[i]) is not null)
                throw new InvalidRequestException("userIds", $"'{members[i]}' {(members[i] is null ? "must not be null" : Input.IdProblem(members[i]))}");
        }

        var group = await engine.RecommendToGroup(members, Checked(order.Request ?? new RecommendationOrder()), cancellationToken);
        return group is null
            ? Problems.NotFound("unknown_users", "Nothing has arrived of any of these users, or they have forbidden to be recommended to.").ToResult(context)
            : TypedResults.Ok(group);
    }

    private static async Task<Results<Ok<SimilarUsers>, ProblemHttpResult>> GetSimilarUsers(
        string id, int? count, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        var most = Input.Count(count, 10, 100);
        if (await engine.GetSimilarUsers(id, most, cancellationToken) is { } similar)
            return TypedResults.Ok(similar);
        return (await engine.GetUser(id, null, cancellationToken) is null ? UsersApi.UnknownUser(id) : NoConsent(id)).ToResult(context);
    }

    private static async Task<Results<Ok<SimilarItems>, ProblemHttpResult>> GetSimilarItems(
        string id, int? count, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.ItemId(context, id);
        return await engine.GetSimilarItems(id, Input.Count(count, 10, 100), cancellationToken) is { } similar
            ? TypedResults.Ok(similar) : ItemsApi.UnknownItem(id).ToResult(context);
    }

    private static RecommendationRequest Checked(RecommendationOrder order)
    {
        if (order.Exclude is { Length: > MostExcluded })
            throw new InvalidRequestException("exclude", $"{order.Exclude.Length} are more than {MostExcluded}");
        foreach (var item in order.Exclude ?? [])
        {
            if (item is null || Input.IdProblem(item) is not null)
                throw new InvalidRequestException("exclude", "holds what is no id");
        }

        return order.ToRequest();
    }

    private static Problem NoConsent(string id) => Problems.NotFound("no_consent", $"The user '{id}' has forbidden to be recommended to.");
}
