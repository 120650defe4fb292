namespace Router.Core.Limits;

/// <summary>What the limits say to one request.</summary>
/// <param name="Requests">The tighter of the request limits that apply; null when none does.</param>
/// <param name="Tokens">The tighter of the token limits that apply; null when none does.</param>
/// <param name="RefusedBy">Null when the request may go on.</param>
public sealed record LimitDecision(LimitStatus? Requests, LimitStatus? Tokens, LimitRefusal? RefusedBy);

/// <param name="Scope"><c>workspace</c> or <c>key</c>.</param>
/// <param name="Kind"><c>requests</c>, <c>tokens</c> or <c>changes</c>.</param>
public sealed record LimitRefusal(string Scope, string Kind, LimitStatus Status);
