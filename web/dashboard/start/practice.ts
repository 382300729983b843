/** Key of the integration that `npm start` makes for the practice org (`server/practice-org.ts`). */
export const PRACTICE = 'salesforce-practice'
