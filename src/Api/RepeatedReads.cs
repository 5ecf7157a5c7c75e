using Auie.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Api;

/// <summary>A route that changes something though it is a GET, or may, as the request says.</summary>
internal sealed record ChangesSomething(Func<HttpRequest, bool>? When = null);

/// <summary>Has what is only read asked again where the silo that was asked goes before it answers: nobody need notice that.</summary>
internal static class RepeatedReads
{
    public static async ValueTask<object?> Pass(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsGet(http.Request.Method) || (http.GetEndpoint()?.Metadata.GetMetadata<ChangesSomething>() is { } changes && changes.When?.Invoke(http.Request) != false))
            return await next(context);
        // Half an answer cannot be taken back: its reader learns by the connection's end.
        return await http.RequestServices.GetRequiredService<AskAgain>().Run(token => next(By(context, token)), http.RequestAborted, () => !http.Response.HasStarted);
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
