using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/users: what is held on a user, where they belong and why, and their friends.</summary>
public static class UsersApi
{
    public static RouteGroupBuilder MapUsersApi(this RouteGroupBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users").RequireScope(Scopes.Read);
        users.MapGet("/{id}", Get).WithName("GetUser").WithSummary("What is held on a user")
            .WithDescription("atLeast: a version (partition.offset) that the answer has to include, as a receipt gave it.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        users.MapGet("/{id}/segment", GetSegment).WithName("GetUserSegment").WithSummary("Where a user belongs, and why")
            .WithDescription("asOf: the instant that ages and recencies are taken at; left out, the model's own. Where the segmentation is of answers, a user to "
                + "whom nothing was shown is in no segment (no_answers); nor is one who forbade it (no_consent).")
            .ProducesProblem(StatusCodes.Status404NotFound);
        users.MapGet("/{id}/silhouette", GetSilhouette).WithName("GetUserSilhouette").WithSummary("How well a user fits in among the members of their segment")
            .WithDescription("Compared with all members of every segment, or in large ones with some drawn at random; the answer says how far it may be off then. "
                + "It asks every shard, so it costs more than a user's segment.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        users.MapGet("/{id}/friends", GetFriends).WithName("GetFriends").WithSummary("A user's friends by page, in the order of their ids");
        return api;
    }

    private static async Task<Results<Ok<UserView>, ProblemHttpResult>> Get(
        string id, string? atLeast, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        var user = await engine.GetUser(id, Input.AtLeast(atLeast), cancellationToken);
        return user is null ? UnknownUser(id).ToResult(context) : TypedResults.Ok(user);
    }

    private static async Task<Results<Ok<UserSegment>, ProblemHttpResult>> GetSegment(
        string id, string? asOf, string? atLeast, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        var token = Input.AtLeast(atLeast);
        var segment = await engine.GetUserSegment(id, Input.AsOf(asOf), token, cancellationToken);
        return segment is not null ? TypedResults.Ok(segment) : (await WhyNone(id, token, engine, cancellationToken)).ToResult(context);
    }

    private static async Task<Results<Ok<UserSilhouette>, ProblemHttpResult>> GetSilhouette(
        string id, string? atLeast, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        var token = Input.AtLeast(atLeast);
        var silhouette = await engine.GetUserSilhouette(id, token, cancellationToken);
        return silhouette is not null ? TypedResults.Ok(silhouette) : (await WhyNone(id, token, engine, cancellationToken)).ToResult(context);
    }

    /// <summary>Why a user is in no segment.</summary>
    private static async Task<Problem> WhyNone(string id, VersionToken? token, EngineClient engine, CancellationToken cancellationToken)
    {
        if (await engine.GetUser(id, token, cancellationToken) is not { } user) return UnknownUser(id);
        if (user.Personalisation == false) return NoConsent(id);
        var published = await engine.GetSegmentation(cancellationToken);
        return published is { RowsAre: "answer" } ? NoAnswers(id) : SegmentsApi.NoSegmentation;
    }

    private static async Task<Ok<FriendPage>> GetFriends(
        string id, string? cursor, int? count, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        id = Input.UserId(context, id);
        return TypedResults.Ok(await engine.GetFriends(id, cursor, Input.Count(count, 100, 1_000), cancellationToken));
    }

    private static Problem NoAnswers(string id) => Problems.NotFound("no_answers",
        $"Nothing has been shown to the user '{id}' yet, and the published segmentation is of answers to what was shown.");

    private static Problem NoConsent(string id) => Problems.NotFound("no_consent", $"The user '{id}' has forbidden to be put into segments.");

    internal static Problem UnknownUser(string id) => Problems.NotFound("unknown_user", $"Nothing has arrived of a user '{id}'.");
}
