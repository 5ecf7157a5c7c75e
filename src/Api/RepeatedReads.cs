using Auie.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Api;

/// <summary>A route that changes something though it is a GET, or may, as the request says.</summary>
internal sealed record ChangesSomething(Func<HttpRequest, bool>? When = null);

/// <summary>A route that may take longer than a call does whose method says nothing of it.</summary>
internal sealed record MayTake(TimeSpan Longest)
{
    /// <summary>As long as the call that it makes.</summary>
    public static MayTake As<TGrain>(string method) => new(CallLimit.Of<TGrain>(method));
}

/// <summary>Has what is only read asked again where the silo that was asked goes before it answers: nobody need notice that.</summary>
internal static class RepeatedReads
{
    public static async ValueTask<object?> Pass(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()?.Metadata;
        if (!HttpMethods.IsGet(http.Request.Method) || (metadata?.GetMetadata<ChangesSomething>() is { } changes && changes.When?.Invoke(http.Request) != false))
            return await next(context);
        // Half an answer cannot be taken back: its reader learns by the connection's end.
        var asked = new Asked { Longest = metadata?.GetMetadata<MayTake>()?.Longest, HasBegun = () => http.Response.HasStarted, Keep = http.Response.RegisterForDispose };
        return await http.RequestServices.GetRequiredService<AskAgain>().Run(token => next(By(context, token)), http.RequestAborted, asked);
    }

    /// <summary>The handler gives up by this token in place of the request's own.</summary>
    private static EndpointFilterInvocationContext By(EndpointFilterInvocationContext context, CancellationToken token)
    {
        for (var i = 0; i < context.Arguments.Count; i++)
        {
            if (context.Arguments[i] is CancellationToken)
                context.Arguments[i] = token;
        }

        return context;
    }
}
