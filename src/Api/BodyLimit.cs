using Microsoft.AspNetCore.Http.Metadata;

namespace Auie.Api;

/// <summary>How many bytes the body of a request to an endpoint may have; a longer one is answered with 413.</summary>
internal sealed record BodyLimit(long Bytes) : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => Bytes;
}
