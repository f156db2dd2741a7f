"""The documents that the journey sends: one for each screen or step."""

SIGN_IN = """
mutation SignIn($code: String!, $phoneCode: String!) {
  signIn(provider: "wechat", code: $code, phoneCode: $phoneCode) {
    __typename
    ... on Session { accessToken }
    ... on Refusal { message }
  }
}
"""

WALLET = """
query Wallet {
  me {
    display { phone }
    memberships {
      number balance spendable
      program { code name }
      tier { name }
      expiresNext { amount on }
    }
    rights { id usesLeft right { name issuer { name } } }
  }
}
"""

AWARD = """
mutation Award($input: MovementInput!) {
  awardPoints(input: $input) { __typename ... on Movement { id amount expiresAt } ... on Refusal { message } }
}
"""

QUOTES = """
query Quotes($source: String!, $amount: Amount!) {
  quotes(source: $source, amount: $amount) {
    __typename
    ... on Offers { quotes { id source { amount program { code } } target { amount program { code name } } fee } }
    ... on Refusal { message }
  }
}
"""

ACCEPT = """
mutation Accept($input: AcceptQuoteInput!) {
  acceptQuote(input: $input) {
    __typename
    ... on Exchange { id state source { amount program { code } } target { amount program { code } } fee }
    ... on Refusal { message }
  }
}
"""

CLAIM = """
mutation Claim($input: ClaimRightInput!) {
  claimRight(input: $input) {
    __typename
    ... on Grant { id validUntil right { name } price { amount program { code } } }
    ... on Refusal { message }
  }
}
"""

CODE = """
mutation Code($grantId: ID!) {
  rightCode(grantId: $grantId) { __typename ... on RightCode { text } ... on Refusal { message } }
}
"""

REDEEM = """
mutation Redeem($input: RedeemRightInput!) {
  redeemRight(input: $input) {
    __typename
    ... on Redemption { id settlement right { name } }
    ... on Refusal { message }
  }
}
"""

WINDOWS = """
query Windows { windows(first: 1) { id number status } }
"""

WINDOW = """
query Window($id: ID!) {
  window(id: $id) {
    number status digest
    positions { participant opening debits credits closing settled carried }
    payments { payer payee amount }
  }
}
"""

STEP = """
mutation Step($input: WindowStepInput!) {
  STEPWindow(input: $input) { __typename ... on Window { id status digest } ... on Refusal { message } }
}
"""

APPROVE = """
mutation Approve($input: ApproveWindowInput!) {
  approveWindow(input: $input) { __typename ... on Window { id status } ... on Refusal { message } }
}
"""

STATEMENT = """
query Statement($windowId: ID!, $brand: String!) {
  statement(windowId: $windowId, brand: $brand) {
    position { participant opening debits credits closing subtotals { kind debits credits lines } }
  }
}
"""
